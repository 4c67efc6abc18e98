"""What tools and images do with what users wrote, by the words that rules know it by (`Said.kind`).

They stand by themselves, so that rules load no reader of a tool's file.
"""

EXTENDED_IGNORED = "extended-not-included"
"""A postgresql.conf of the user's own does not include conf.d, in which the extended configuration is."""

TLS_IGNORED = "tls-not-set-up"
"""The image sets up no TLS beside a postgresql.conf of the user's own, which does not turn it on."""

TLS_ONLY = "certificates-of-tls-alone"
"""The image asks all who come with TLS for a certificate, and lets in who comes without TLS by a password."""

MODE_NO_NUMBER = "mode-not-a-number"
"""The API refuses a mode in quotes; the argument `mode` is what is written."""

MODE_TOO_LARGE = "mode-too-large"
"""The API refuses a mode above 0777, as 600 is without the 0 that makes it octal."""

NOT_A_LIST = "not-a-list"
"""The API refuses a container whose `command` or `args` is a text and no list; the argument `key` says which."""

NOT_A_STRING = "not-a-string"
"""The API refuses an object in which a value is not the string that it wants; the argument `key` names it."""

NOT_BASE64 = "not-base64"
"""The API refuses a Secret whose `data` is not base64."""

PRIVATE_KEY = "private-key-in-manifest"
"""A private key in plain sight, at its BEGIN line, or at its key where it is base64. Its text is never shown."""

TEMPLATE_DEFAULT = "template-default"
"""A default in a template; the argument `value` is the word."""

KEY_MADE = "key-made-in-image"
"""A command of a build makes a private key that stays in the image."""
