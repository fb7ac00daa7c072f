// The C boundary of downloads: libcurl's easy interface (Debian: libcurl4-openssl-dev to build,
// libcurl4 to download).
//
// The library is loaded when something is downloaded and not before: with its thirty dependencies it
// adds 13 ms to the start of every program that is linked against it.
#ifndef ROBUSTMETRIC_CCURL_SHIM_H
#define ROBUSTMETRIC_CCURL_SHIM_H

#include <curl/curl.h>
#include <dlfcn.h>

/// The functions of libcurl that are used.
struct ccurl_library {
  CURLcode (*global_init)(long flags);
  CURL *(*easy_init)(void);
  CURLcode (*easy_setopt)(CURL *handle, CURLoption option, ...);
  CURLcode (*easy_perform)(CURL *handle);
  CURLcode (*easy_getinfo)(CURL *handle, CURLINFO info, ...);
  void (*easy_cleanup)(CURL *handle);
  const char *(*easy_strerror)(CURLcode code);
};

/// Loads libcurl and readies it; returns 0 when it isn't installed.
static inline int ccurl_load(struct ccurl_library *library) {
  void *file = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!file) return 0;
  *(void **)&library->global_init = dlsym(file, "curl_global_init");
  *(void **)&library->easy_init = dlsym(file, "curl_easy_init");
  *(void **)&library->easy_setopt = dlsym(file, "curl_easy_setopt");
  *(void **)&library->easy_perform = dlsym(file, "curl_easy_perform");
  *(void **)&library->easy_getinfo = dlsym(file, "curl_easy_getinfo");
  *(void **)&library->easy_cleanup = dlsym(file, "curl_easy_cleanup");
  *(void **)&library->easy_strerror = dlsym(file, "curl_easy_strerror");
  return library->global_init && library->easy_init && library->easy_setopt
      && library->easy_perform && library->easy_getinfo && library->easy_cleanup
      && library->easy_strerror && library->global_init(CURL_GLOBAL_ALL) == CURLE_OK;
}

// `curl_easy_setopt` and `curl_easy_getinfo` take arguments of any type, which Swift doesn't import.

static inline CURLcode ccurl_set_long(const struct ccurl_library *library, CURL *handle,
                                      CURLoption option, long value) {
  return library->easy_setopt(handle, option, value);
}

static inline CURLcode ccurl_set_text(const struct ccurl_library *library, CURL *handle,
                                      CURLoption option, const char *value) {
  return library->easy_setopt(handle, option, value);
}

static inline CURLcode ccurl_set_pointer(const struct ccurl_library *library, CURL *handle,
                                         CURLoption option, void *value) {
  return library->easy_setopt(handle, option, value);
}

static inline CURLcode ccurl_set_callback(const struct ccurl_library *library, CURL *handle,
                                          CURLoption option, curl_write_callback value) {
  return library->easy_setopt(handle, option, value);
}

/// The status of the latest response, 0 before there is one.
static inline long ccurl_response_status(const struct ccurl_library *library, CURL *handle) {
  long status = 0;
  library->easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

#endif
