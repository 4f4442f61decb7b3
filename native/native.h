/* What the files of the addon share. */
#ifndef WATCHPOST_NATIVE_H
#define WATCHPOST_NATIVE_H

#define NAPI_VERSION 8
#include <node_api.h>

/* Throws an Error whose `code` is the name of `errno` ("EBUSY"), and returns NULL. */
napi_value throw_errno(napi_env env, const char *what, int error);

/* Reads exactly `count` arguments; throws EINVAL and returns 0 when there are fewer. */
int arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values);

/* Each reads one argument; throws EINVAL (a text too long: ENAMETOOLONG) and returns 0 when it is something else. */
int text_of(napi_env env, napi_value value, char *text, size_t size, size_t *length);
int number_of(napi_env env, napi_value value, uint32_t *number);

void add_function(napi_env env, napi_value exports, const char *name, napi_callback function);

/* Lines of GPIO chips. Returns 0 with an exception pending. */
int add_lines(napi_env env, napi_value exports);
void add_notify(napi_env env, napi_value exports);

#endif
