// The C boundary of the SHA-256 digest: OpenSSL's libcrypto (Debian: libssl-dev).
#ifndef ROBUSTMETRIC_CCRYPTO_SHIM_H
#define ROBUSTMETRIC_CCRYPTO_SHIM_H

// The C library declares the same types to every module only under the same feature macro.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <openssl/evp.h>

#endif
