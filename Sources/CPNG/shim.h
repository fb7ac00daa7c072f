// The C boundary of PNG images: the simplified interface of libpng 1.6 (Debian: libpng-dev).
#ifndef ROBUSTMETRIC_CPNG_SHIM_H
#define ROBUSTMETRIC_CPNG_SHIM_H

#include <png.h>
#include <stddef.h>
#include <string.h>

/// Encodes 8-bit grey levels as a PNG file in memory; returns the size, 0 on failure. With a null
/// `memory` it returns a size that suffices.
static inline size_t robustmetric_png_encode(
    const unsigned char *pixels, unsigned width, unsigned height, void *memory, size_t capacity) {
  png_image image;
  memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = PNG_FORMAT_GRAY;
  if (memory == NULL) return PNG_IMAGE_PNG_SIZE_MAX(image);
  png_alloc_size_t size = capacity;
  int written = png_image_write_to_memory(&image, memory, &size, 0, pixels, 0, NULL);
  png_image_free(&image);
  return written ? size : 0;
}

#endif
