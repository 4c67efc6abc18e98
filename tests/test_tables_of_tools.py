"""Each line of what is known of Kubernetes and of Bitnami's image and chart has tests that name it."""

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SHAPES, KEYS = "test_usual_shapes.py", "test_mounted_keys.py"
PODS, CHARTS = "test_kubernetes.py", "test_helm_values.py"

KUBERNETES: dict[str, dict[str, tuple[str, ...]]] = {
    "keys become files, with defaultMode, items and subPath": {
        PODS: (
            "test_each_key_is_a_file_named_like_it_owned_by_root_and_readable_by_all",
            "test_default_mode_items_and_their_modes", "test_sub_path_mounts_one_key_at_one_path",
        ),
    },
    "how a mode may be written": {PODS: ("test_modes_that_the_api_refuses",)},
    "fsGroup owns and reads": {PODS: ("test_fs_group_owns_the_files_and_reads_them",)},
    "what the server takes of a key": {
        KEYS: (
            "test_with_fs_group_and_a_user_these_modes_work", "test_the_default_mode_is_refused_in_all_cases",
            "test_without_fs_group_root_alone_reads_the_key",
        ),
    },
    "the entry point drops the group": {KEYS: ("test_an_entry_point_that_starts_as_root_drops_the_group",)},
    "the mode of a copy counts": {SHAPES: ("test_a_key_that_is_copied_before_the_start_has_a_mode_of_its_own",)},
    "strings, base64 and which key wins": {
        PODS: (
            "test_strings_alone_may_stand_in_a_config_map", "test_what_is_no_base64_is_refused",
            "test_string_data_beats_data_and_binary_data_is_base64",
        ),
    },
    "environment": {PODS: ("test_environment_from_config_maps_and_secrets",)},
    "args, command and $(NAME)": {
        PODS: ("test_args_and_command", "test_variables_are_expanded_in_words_and_variables"),
    },
    "who reaches the port": {
        PODS: ("test_services", "test_no_service_leaves_the_addresses_of_pods", "test_ports_of_the_node"),
    },
    "encrypted in git": {PODS: ("test_what_is_encrypted_is_not_in_view",)},
    "values in values": {
        CHARTS: (
            "test_a_helm_release", "test_values_as_an_object", "test_values_as_a_text_lead_home_through_both",
        ),
    },
    "kustomize": {
        PODS: ("test_generators_lead_to_files",),
        "test_kustomize_patches.py": ("test_what_a_patch_touches_is_not_known",),
    },
}  # fmt: skip
BITNAMI: dict[str, dict[str, tuple[str, ...]]] = {
    "files of the folder of configuration": {CHARTS: ("test_a_local_folder_of_configuration",)},
    "records that are made at each start": {
        CHARTS: (
            "test_records_are_made_where_none_are_given", "test_records_by_environment",
            "test_nobody_has_a_password_where_postgres_may_not_log_in",
        ),
    },
    "a pg_hba.conf of one's own": {CHARTS: ("test_a_mounted_pg_hba_conf_is_what_the_server_has",)},
    "LDAP": {CHARTS: ("test_ldap", "test_replication_and_ldap")},
    "TLS, and beside a postgresql.conf of one's own": {
        CHARTS: (
            "test_tls_is_set_up_where_postgresql_conf_is_the_images_own", "test_tls_by_environment",
            "test_tls_beside_a_postgresql_conf_of_the_users_own_is_left_out",
        ),
    },
    "a CA for clients": {
        CHARTS: (
            "test_a_ca_for_clients_asks_all_with_tls_for_a_certificate_and_nobody_else",
            "test_who_has_no_tls_gets_in_without_a_certificate",
        ),
    },
    "replication": {CHARTS: ("test_replication_has_records_of_its_own",)},
    "password encryption and flags": {CHARTS: ("test_password_encryption_and_flags",)},
    "texts of the chart, and of older ones": {
        CHARTS: (
            "test_the_texts_are_files", "test_extended_configuration_counts_where_it_is_included",
            "test_older_charts_have_their_values_at_the_top",
        ),
    },
}  # fmt: skip


def names_in(name: str) -> set[str]:
    tree = ast.parse((HERE / name).read_text(encoding="utf-8"))
    found = (node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return {one for one in found if one.startswith("test_")}


@pytest.mark.parametrize("fact", [*KUBERNETES.items(), *BITNAMI.items()], ids=lambda fact: str(fact[0]))
def test_each_fact_has_a_test(fact: tuple[str, dict[str, tuple[str, ...]]]) -> None:
    for file, names in fact[1].items():
        assert names
        assert set(names) <= names_in(file)
