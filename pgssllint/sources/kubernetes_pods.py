"""The containers of Pods, and of what makes Pods, as workloads.

Facts from the API's descriptions of Container, EnvVar and EnvFromSource (v1) and of the expansion of `$(NAME)`; read,
not run. What controllers add is not followed.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from pgssllint.sources.kinds import NOT_A_LIST, NOT_A_STRING
from pgssllint.sources.kubernetes_mounts import mounts, number, refused_modes, volumes
from pgssllint.sources.kubernetes_ports import Services, ports
from pgssllint.sources.kubernetes_texts import CONFIG_MAP, SECRET, Index, Texts, is_string
from pgssllint.sources.manifests import Object
from pgssllint.sources.workload import KUBERNETES, Said, Variable, Workload
from pgssllint.syntax.yaml_nodes import Node, Scalar, get, home_of, is_null, items_of, text_of
from pgssllint.syntax.yaml_templates import Filled
from pgssllint.traced import By, Cutter, Traced, joined, own
from pgssllint.unknown import UNKNOWN, Unknown

TOOL = KUBERNETES

POD_AT: Mapping[str, tuple[str, ...]] = {
    "Pod": ("spec",),
    "Deployment": ("spec", "template", "spec"),
    "StatefulSet": ("spec", "template", "spec"),
    "DaemonSet": ("spec", "template", "spec"),
    "ReplicaSet": ("spec", "template", "spec"),
    "ReplicationController": ("spec", "template", "spec"),
    "Job": ("spec", "template", "spec"),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}
"""Where each kind has the specification of its Pods."""

MAX_EXPANDED = 4096
"""Variables bring so many characters into one word at most; what would be longer is not known."""

MAX_WORDS = 1000
"""Of one container, no more words of its command line, and no more variables, are looked at."""

_REFERENCE = re.compile(r"\$(?:\$|\((?P<name>[^()]*)\))")


class Around(NamedTuple):
    """What a Pod refers to: the ConfigMaps and Secrets, and the Services, of the files in view."""

    texts: Index
    services: Services


def workloads(one: Object, around: Around) -> Iterator[Workload]:
    """The containers that an object starts, in their order; none for an object that starts none."""
    path = POD_AT.get(one.kind)
    pod = get(one.node, *path) if path is not None else None
    if pod is None:
        return
    claims = [text_of(get(claim, "metadata", "name")) or "" for claim in items_of(get(one.node, "spec", _CLAIMS))]
    held = volumes(pod, claims, around.texts, one.namespace)
    refused = tuple(refused_modes(pod))
    labels = get(one.node, *(path or ())[:-1], "metadata", "labels")
    for container in items_of(get(pod, "containers")):
        variables, told, is_open = _environment(container, around.texts, one.namespace)
        entrypoint, wrong = _words(container, "command", variables)
        command, also_wrong = _words(container, "args", variables)
        if entrypoint is not None and command is None:
            # What replaces the entry point of an image leaves out the image's own arguments too.
            command = ()
        called = get(container, "name")
        image = get(container, "image")
        yield Workload(
            at=home_of(called if called is not None else container),
            tool=TOOL,
            kind=one.kind,
            name=_called(one, text_of(called), len(items_of(get(pod, "containers")))),
            image=image.value if isinstance(image, Scalar) and not is_null(image) else UNKNOWN,
            entrypoint=entrypoint,
            command=command,
            environment=variables,
            is_environment_complete=not is_open,
            user=_user(pod, container),
            mounts=mounts(container, held),
            ports=tuple(ports(container, pod, labels, around.services, one.namespace)),
            said=(*refused, *told, *wrong, *also_wrong),
            groups=_groups(pod),
            may_be=one.may_be,
        )


_CLAIMS = "volumeClaimTemplates"


def _called(one: Object, container: str | None, count: int) -> str:
    """What a container is called: its Pod's name, with its own where there are several."""
    return f"{one.name}/{container}" if count > 1 and container else one.name


def _user(pod: Node, container: Node) -> Traced | None:
    """The user as UID[:GID]; None for the image's own."""
    found: list[Traced] = []
    for key in ("runAsUser", "runAsGroup"):
        node = get(container, "securityContext", key) or get(pod, "securityContext", key)
        if not isinstance(node, Scalar):
            break
        found.append(node.value)
    if len(found) == 2:
        colon = own(":", container.source, container.span, "runAsGroup")
        return joined((found[0], colon, found[1]))
    return found[0] if found else None


def _groups(pod: Node) -> tuple[int, ...]:
    nodes = (get(pod, "securityContext", "fsGroup"), *items_of(get(pod, "securityContext", "supplementalGroups")))
    return tuple(group for group in map(number, nodes) if group is not None)


def _environment(container: Node, texts: Index, namespace: str | None) -> tuple[dict[str, Variable], list[Said], bool]:
    """The variables of a container: those of whole ConfigMaps and Secrets first, then its own, of which the last wins;
    what the API refuses among them; and whether there may be others.

    The values of Secrets, and of all that is named like a password, are secrets.
    """
    found: dict[str, Variable] = {}
    said: list[Said] = []
    is_open = isinstance(get(container, "env"), Filled) or isinstance(get(container, "envFrom"), Filled)
    for one in items_of(get(container, "envFrom"))[:MAX_WORDS]:
        prefix = text_of(get(one, "prefix")) or ""
        held = _held(one, texts, namespace)
        is_open = is_open or held is None or not held.is_whole
        for text in islice(held.entries.values() if held is not None else (), MAX_WORDS):
            name = own(prefix + text.key, text.at.source, text.at.span, text.key, By.USER)
            found[name.text] = Variable(name, text.contents)
    for one in items_of(get(container, "env"))[:MAX_WORDS]:
        called, value = get(one, "name"), get(one, "value")
        if not isinstance(called, Scalar):
            continue
        if isinstance(value, Scalar) and not is_null(value):
            if not is_string(value):
                said.append(Said(NOT_A_STRING, home_of(value), {"key": called.text}))
            found[called.text] = Variable(called.value, expanded(value.value, found))
        else:
            found[called.text] = Variable(called.value, _value_from(get(one, "valueFrom"), texts, namespace))
    return found, said, is_open


def _held(one: Node, texts: Index, namespace: str | None) -> Texts | None:
    """The ConfigMap or Secret that is taken whole."""
    for key, kind in (("configMapRef", CONFIG_MAP), ("secretRef", SECRET)):
        if get(one, key) is not None:
            return texts.named(kind, text_of(get(one, key, "name")), namespace, one.source)
    return None


def _value_from(node: Node | None, texts: Index, namespace: str | None) -> Traced | Unknown:
    """What a variable is taken from; a field of the Pod, and what is not in view, is not known."""
    if node is None:
        return Traced()
    for key, kind in (("configMapKeyRef", CONFIG_MAP), ("secretKeyRef", SECRET)):
        held = texts.named(kind, text_of(get(node, key, "name")), namespace, node.source)
        text = held.entries.get(text_of(get(node, key, "key")) or "") if held is not None else None
        if text is not None:
            return text.contents
    return UNKNOWN


def _words(
    container: Node, key: str, variables: Mapping[str, Variable]
) -> tuple[tuple[Traced, ...] | Unknown | None, list[Said]]:
    """The words of `command` or `args`, with what the API refuses among them."""
    node = get(container, key)
    if node is None or is_null(node):
        return None, []
    if isinstance(node, Filled):
        return UNKNOWN, []
    items = items_of(node)[:MAX_WORDS]
    wrong = [item for item in items if not is_string(item)]
    said = [Said(NOT_A_STRING, home_of(item), {"key": key}) for item in wrong]
    if isinstance(node, Scalar):
        said = [Said(NOT_A_LIST, home_of(node), {"key": key})]
    words = tuple(expanded(item.value, variables) for item in items if isinstance(item, Scalar))
    return (UNKNOWN if isinstance(node, Scalar) else words), said


def expanded(text: Traced, variables: Mapping[str, Variable]) -> Traced:
    """A word with `$(NAME)` in it replaced by the variable, if there is one; `$$` stands for a dollar.

    What takes the value of a variable that is not in view is the word's own text there, by UNKNOWN.
    """
    if "$" not in text.text:
        return text
    parts: list[Traced] = []
    cutter, at, length = Cutter(text), 0, 0
    for hit in _REFERENCE.finditer(text.text):
        whole = cutter.part(*hit.span())
        parts.append(cutter.part(at, hit.start()))
        at = hit.end()
        if hit["name"] is None:
            parts.append(whole.part(0, 1))
        elif hit["name"] not in variables:
            parts.append(whole)
        else:
            value = variables[hit["name"]].value
            length += 0 if isinstance(value, Unknown) else len(value)
            is_known = not isinstance(value, Unknown) and length <= MAX_EXPANDED
            parts.append(value if is_known and not isinstance(value, Unknown) else _unknown(whole))
    return joined([*parts, cutter.part(at, len(text))])


def _unknown(whole: Traced) -> Traced:
    return Traced(whole.text, tuple(run._replace(by=By.UNKNOWN) for run in whole.runs))
