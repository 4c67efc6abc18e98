"""PEM, certificates, keys, CRLs, chains, cipher lists -> what OpenSSL makes of them."""
