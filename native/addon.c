/* The project's own addon: what Linux offers a device and Node does not. Plain N-API: one build for all Nodes. */
#include "native.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

napi_value throw_errno(napi_env env, const char *what, int error) {
  char name[32];
  char message[256];
  uv_err_name_r(uv_translate_sys_error(error), name, sizeof name);
  snprintf(message, sizeof message, "%.180s: %s", what, strerror(error));
  napi_throw_error(env, name, message);
  return NULL;
}

int arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values) {
  size_t given = count;
  if (napi_get_cb_info(env, info, &given, values, NULL, NULL) == napi_ok && given == count) return 1;
  throw_errno(env, "arguments", EINVAL);
  return 0;
}

int text_of(napi_env env, napi_value value, char *text, size_t size, size_t *length) {
  size_t needed = 0;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &needed) != napi_ok) {
    throw_errno(env, "a text is expected", EINVAL);
    return 0;
  }
  if (needed >= size) {
    throw_errno(env, "text", ENAMETOOLONG);
    return 0;
  }
  napi_get_value_string_utf8(env, value, text, size, &needed);
  if (length != NULL) *length = needed;
  return 1;
}

int number_of(napi_env env, napi_value value, uint32_t *number) {
  if (napi_get_value_uint32(env, value, number) == napi_ok) return 1;
  throw_errno(env, "a number is expected", EINVAL);
  return 0;
}

void add_function(napi_env env, napi_value exports, const char *name, napi_callback function) {
  napi_value value;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, NULL, &value);
  napi_set_named_property(env, exports, name, value);
}

NAPI_MODULE_INIT() {
  if (!add_lines(env, exports)) return NULL;
  add_notify(env, exports);
  return exports;
}
