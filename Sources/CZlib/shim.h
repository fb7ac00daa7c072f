// The C boundary of gzip streams: zlib (Debian: zlib1g-dev).
#ifndef ROBUSTMETRIC_CZLIB_SHIM_H
#define ROBUSTMETRIC_CZLIB_SHIM_H

#include <zlib.h>

/// `inflateInit2`, a macro that Swift can't see, for a gzip stream with zlib's largest window.
static inline int czlib_inflate_init_gzip(z_streamp stream) {
  return inflateInit2(stream, 15 + 16);
}

#endif
