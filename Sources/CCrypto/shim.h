// The C boundary of the SHA-256 digest: OpenSSL's libcrypto (Debian: libssl-dev).
#ifndef ROBUSTMETRIC_CCRYPTO_SHIM_H
#define ROBUSTMETRIC_CCRYPTO_SHIM_H

#include <openssl/evp.h>

#endif
