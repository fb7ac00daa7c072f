// The C boundary of the SHA-256 digest: OpenSSL's libcrypto (Debian: libssl-dev).
#ifndef ROBUSTMETRIC_CCRYPTO_SHIM_H
#define ROBUSTMETRIC_CCRYPTO_SHIM_H

// Plain POSIX keeps out <sys/select.h>, whose fd_set another C module may declare differently.
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
#include <openssl/evp.h>

#endif
