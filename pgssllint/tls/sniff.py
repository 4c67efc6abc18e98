"""What a file holds in which no certificate or key was found, in a word for the message."""

from pgssllint.text import UTF16_MARKS, Source
from pgssllint.tls import der
from pgssllint.tls.pem import MAX_BLOCK, scan


def sniff(data: bytes) -> str:
    """A word for what a file holds whose PEM certificate or key was looked for in vain, as in `holds 'DER data'`."""
    blocks = scan(Source("", data[:MAX_BLOCK]))
    if blocks:
        return _label_word(blocks[0].label)
    for magic, word in _MAGIC:
        if data.startswith(magic):
            return word
    if not data.strip():
        return "nothing"
    return der.kind(data) or ("text" if _is_text(data[:4096]) else "binary data")


_WITHOUT_ARTICLE = ("nothing", "data", "text", "parameters", "PKCS#7", "PKCS#12")


def holding(data: bytes) -> str:
    """The same as the object of a sentence, as in `holds a DER certificate`."""
    word = sniff(data)
    if word.endswith(_WITHOUT_ARTICLE):
        return word
    return f"{'an' if word[0] in 'AEIOaeio' else 'a'} {word}"


_MAGIC = (
    *((mark, "UTF-16 text") for mark in UTF16_MARKS),
    (b"\xfe\xed\xfe\xed", "Java key store"),
    (b"\x00GITCRYPT", "git-crypt data"),
    (b"$ANSIBLE_VAULT", "Ansible Vault data"),
    (b"PuTTY-User-Key-File", "PuTTY key"),
    (b"ssh-", "OpenSSH key"),
    (b"ecdsa-sha2-", "OpenSSH key"),
)


def _label_word(label: str) -> str:
    words = (
        ("OPENSSH PRIVATE KEY", "OpenSSH key"),
        ("PRIVATE KEY", "private key"),
        ("PUBLIC KEY", "public key"),
        ("CERTIFICATE REQUEST", "certificate request"),
        ("CERTIFICATE", "certificate"),
        ("CRL", "CRL"),
        ("PKCS7", "PKCS#7"),
        ("CMS", "PKCS#7"),
        ("DH PARAMETERS", "DH parameters"),
        ("EC PARAMETERS", "EC parameters"),
    )
    if label.startswith("PGP "):
        return "PGP data"
    return next((word for ending, word in words if label.endswith(ending)), "text")


def _is_text(data: bytes) -> bool:
    return not any(byte < 0x20 and byte not in b"\t\n\f\r\x1b" for byte in data)
