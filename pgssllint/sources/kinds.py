"""The kinds of what tools and images do that checks and notes tell of, without the readers that say it."""

NOT_A_STRING = "not-a-string"
"""The API refuses an object in which a value is not the string that it wants; the argument `key` names it."""

NOT_BASE64 = "not-base64"
"""The API refuses a Secret whose `data` is not base64."""

PRIVATE_KEY = "private-key-in-manifest"
"""A private key in plain sight, at its BEGIN line, or at its key where it is base64. Its text is never shown."""

NOT_A_LIST = "not-a-list"
"""The API refuses a container whose `command` or `args` is a text and no list; the argument `key` says which."""

MODE_NO_NUMBER = "mode-not-a-number"
"""The API refuses a mode in quotes; the argument `mode` is what is written."""

MODE_TOO_LARGE = "mode-too-large"
"""The API refuses a mode above 0777, as 600 is without the 0 that makes it octal."""

TLS_IGNORED = "tls-not-set-up"
"""The image sets up no TLS beside a postgresql.conf of the user's own, which does not turn it on."""

EXTENDED_IGNORED = "extended-not-included"
"""A postgresql.conf of the user's own does not include conf.d, in which the extended configuration is."""

TLS_ONLY = "certificates-of-tls-alone"
"""The image asks all who come with TLS for a certificate, and lets in who comes without TLS by a password."""

TEMPLATE_DEFAULT = "template-default"
"""A default in a template; the argument `value` is the word."""

KEY_MADE = "key-made-in-image"
"""A command of a build makes a private key that stays in the image."""

COMMAND_UNKNOWN = "command-unknown"
"""Said where nobody can tell what a container starts, and so which files a server in it reads."""

DROPPED_VALUE = "value-dropped-by-tool"
"""A value that the tool takes for none of its parameter, so that the server starts without it; the argument `name`."""

DROPPED_NAME = "name-dropped-by-tool"
"""A name that the tool knows no parameter of the major by; the arguments `name` and `major`."""

TAKEN_FROM = "taken-from-elsewhere"
"""A parameter that the tool takes from another place, `where`, and not from here; `name` is the parameter."""

DROPPED_ITEM = "item-dropped-by-tool"
"""An item that is no text, so that the tool leaves it out; the argument `key` is the list's."""

LIST_AS_TEXT = "list-as-text"
"""A text where the tool wants a list: it writes each character on a line of its own; the argument `key`."""

MISPLACED_KEY = "key-not-read-by-tool"
"""A key that the tool does not read where it stands; the arguments `key` and `where`, below which it is read."""

REPLACED_LIST = "list-replaced"
"""A list that another one replaces as a whole; the argument `key`."""

HIDDEN_LIST = "list-hidden-by-nothing"
"""Nothing, where another layer has a list: the tool writes neither; the argument `key`."""

BOOTSTRAP_ONLY = "records-of-bootstrap-alone"
"""Records that the tool appends when it makes a cluster, and never again."""

BOOTSTRAP_IGNORED = "records-of-bootstrap-ignored"
"""Records for the making of a cluster beside others that the tool writes instead."""

REPLICATES = "replication-user"
"""The list of records, and the user by whom the standbys that the tool makes connect; the argument `user`."""

INITDB = "bootstrap"
"""The key of what initdb writes when a tool makes a cluster, and OPERATOR of what an operator writes of its own."""

OPERATOR = "operator"

REFUSED_BY_OPERATOR = "refused-by-operator"
"""A parameter that the operator sets itself, so that it refuses the object; the argument `name`."""

UNKNOWN_SELECTOR = "unknown-selector"
"""A placeholder in a record that the operator does not know, so that it refuses the object; the argument `kind`."""

LAYOUT = "layout"
"""The key of what a tool writes between the words that a user gave, as blanks and quotes: it makes none the tool's."""
