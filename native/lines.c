/*
 * Lines of a GPIO chip through its character device (Linux 5.10: linux/gpio.h, "v2"). Edges are stamped by the kernel
 * with CLOCK_MONOTONIC, the clock of process.hrtime(), and wait in its buffer until the event loop reads them.
 */
#include "native.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <uv.h>

enum { PATH_SIZE = 256, EVENTS_AT_ONCE = 128 };

typedef struct state state_t;

/* A line that this process holds. `watched`: its edges are read, and it ends in `on_closed`. */
typedef struct line {
  uv_poll_t poll;
  int fd;
  int watched;
  uint32_t id;
  state_t *state;
  napi_ref listener;
  struct line *next;
} line_t;

struct state {
  napi_env env;
  line_t *lines;
  uint32_t last_id;
  unsigned closing;
  int ending;
  napi_async_cleanup_hook_handle hook;
};

static state_t *state_of(napi_env env) {
  void *data = NULL;
  napi_get_instance_data(env, &data);
  return data;
}

/* --- what there is --- */

static void set_text(napi_env env, napi_value object, const char *key, const char *text) {
  napi_value value;
  napi_create_string_utf8(env, text, strnlen(text, GPIO_MAX_NAME_SIZE), &value);
  napi_set_named_property(env, object, key, value);
}

static int open_chip(napi_env env, napi_value value, char path[PATH_SIZE]) {
  if (!text_of(env, value, path, PATH_SIZE, NULL)) return -1;
  int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) throw_errno(env, path, errno);
  return fd;
}

/* chip(path): { name, label, lines } */
static napi_value chip(napi_env env, napi_callback_info info) {
  napi_value values[1], answer, lines;
  char path[PATH_SIZE];
  if (!arguments(env, info, 1, values)) return NULL;
  int fd = open_chip(env, values[0], path);
  if (fd < 0) return NULL;
  struct gpiochip_info found = {0};
  int failed = ioctl(fd, GPIO_GET_CHIPINFO_IOCTL, &found), error = errno;
  close(fd);
  if (failed) return throw_errno(env, path, error);
  napi_create_object(env, &answer);
  set_text(env, answer, "name", found.name);
  set_text(env, answer, "label", found.label);
  napi_create_uint32(env, found.lines, &lines);
  napi_set_named_property(env, answer, "lines", lines);
  return answer;
}

/* line(path, offset): { name, consumer, used } */
static napi_value line(napi_env env, napi_callback_info info) {
  napi_value values[2], answer, used;
  char path[PATH_SIZE];
  struct gpio_v2_line_info found = {0};
  if (!arguments(env, info, 2, values) || !number_of(env, values[1], &found.offset)) return NULL;
  int fd = open_chip(env, values[0], path);
  if (fd < 0) return NULL;
  int failed = ioctl(fd, GPIO_V2_GET_LINEINFO_IOCTL, &found), error = errno;
  close(fd);
  if (failed) return throw_errno(env, path, error);
  napi_create_object(env, &answer);
  set_text(env, answer, "name", found.name);
  set_text(env, answer, "consumer", found.consumer);
  napi_get_boolean(env, (found.flags & GPIO_V2_LINE_FLAG_USED) != 0, &used);
  napi_set_named_property(env, answer, "used", used);
  return answer;
}

/* --- edges --- */

static void tell(line_t *line, const char *code, const struct gpio_v2_line_event *events, size_t count) {
  napi_env env = line->state->env;
  napi_handle_scope scope;
  napi_value listener, global, buffer, values[2];
  double *numbers = NULL;
  napi_open_handle_scope(env, &scope);
  napi_get_reference_value(env, line->listener, &listener);
  napi_get_global(env, &global);
  if (code == NULL) napi_get_null(env, &values[0]);
  else napi_create_string_utf8(env, code, NAPI_AUTO_LENGTH, &values[0]);
  napi_create_arraybuffer(env, count * 3 * sizeof *numbers, (void **)&numbers, &buffer);
  for (size_t i = 0; i < count; i++) {
    numbers[3 * i] = events[i].id == GPIO_V2_LINE_EVENT_RISING_EDGE;
    numbers[3 * i + 1] = (double)events[i].timestamp_ns / 1e6;
    numbers[3 * i + 2] = events[i].line_seqno;
  }
  napi_create_typedarray(env, napi_float64_array, count * 3, buffer, 0, &values[1]);
  if (napi_make_callback(env, NULL, global, listener, 2, values, NULL) == napi_pending_exception) {
    napi_value thrown;
    napi_get_and_clear_last_exception(env, &thrown);
    napi_fatal_exception(env, thrown);
  }
  napi_close_handle_scope(env, scope);
}

/* A chip that is gone reads as ENODEV, or shows as an error of the poll. Nothing more comes after it. */
static void on_readable(uv_poll_t *poll, int status, int events) {
  (void)events;
  line_t *line = poll->data;
  struct gpio_v2_line_event read_events[EVENTS_AT_ONCE];
  char code[32];
  ssize_t size = status < 0 ? -1 : read(line->fd, read_events, sizeof read_events);
  if (size > 0) {
    tell(line, NULL, read_events, (size_t)size / sizeof read_events[0]);
    return;
  }
  int error = status < 0 ? ENODEV : size == 0 ? ENODEV : errno;
  if (error == EAGAIN || error == EINTR) return;
  uv_poll_stop(poll);
  uv_err_name_r(uv_translate_sys_error(error), code, sizeof code);
  tell(line, code, NULL, 0);
}

/* --- held lines --- */

static line_t *held(state_t *state, uint32_t id) {
  line_t *line = state->lines;
  while (line != NULL && line->id != id) line = line->next;
  return line;
}

static void finish(state_t *state) {
  napi_remove_async_cleanup_hook(state->hook);
  free(state);
}

static void on_closed(uv_handle_t *handle) {
  line_t *line = handle->data;
  state_t *state = line->state;
  close(line->fd);
  free(line);
  state->closing--;
  if (state->ending && state->closing == 0) finish(state);
}

/* Out of the list; the poll must be closed by the loop before its descriptor may be. */
static void let_go(state_t *state, line_t *line) {
  line_t **link = &state->lines;
  while (*link != line) link = &(*link)->next;
  *link = line->next;
  if (line->watched) {
    state->closing++;
    uv_close((uv_handle_t *)&line->poll, on_closed);
    return;
  }
  close(line->fd);
  free(line);
}

static void on_environment_end(napi_async_cleanup_hook_handle hook, void *data) {
  (void)hook;
  state_t *state = data;
  state->ending = 1;
  while (state->lines != NULL) let_go(state, state->lines);
  if (state->closing == 0) finish(state);
}

static line_t *hold(state_t *state, int fd) {
  line_t *line = calloc(1, sizeof *line);
  if (line == NULL) return NULL;
  line->fd = fd;
  line->state = state;
  line->id = ++state->last_id;
  line->next = state->lines;
  state->lines = line;
  return line;
}

/* Reads path, offset, flags and consumer, which both kinds of request begin with, and opens the chip. */
static int begin_request(napi_env env, napi_value *values, struct gpio_v2_line_request *request, char path[PATH_SIZE]) {
  uint32_t flags;
  if (!number_of(env, values[1], &request->offsets[0]) || !number_of(env, values[2], &flags) ||
      !text_of(env, values[3], request->consumer, sizeof request->consumer, NULL))
    return -1;
  request->num_lines = 1;
  request->config.flags = flags;
  return open_chip(env, values[0], path);
}

static line_t *request_line(napi_env env, int chip, struct gpio_v2_line_request *request, const char *path) {
  int failed = ioctl(chip, GPIO_V2_GET_LINE_IOCTL, request), error = errno;
  close(chip);
  if (failed) {
    throw_errno(env, path, error);
    return NULL;
  }
  line_t *line = hold(state_of(env), request->fd);
  if (line != NULL) return line;
  close(request->fd);
  throw_errno(env, path, ENOMEM);
  return NULL;
}

static void add_attribute(struct gpio_v2_line_config *config, struct gpio_v2_line_attribute attribute) {
  struct gpio_v2_line_config_attribute *added = &config->attrs[config->num_attrs++];
  added->attr = attribute;
  added->mask = 1;
}

static napi_value id_of(napi_env env, const line_t *line) {
  napi_value id;
  napi_create_uint32(env, line->id, &id);
  return id;
}

/* watch(path, offset, flags, consumer, debounceUs, buffered, (code, edges) => void): id */
static napi_value watch(napi_env env, napi_callback_info info) {
  napi_value values[7];
  char path[PATH_SIZE];
  uint32_t debounce_us, buffered;
  napi_valuetype type = napi_undefined;
  uv_loop_t *loop;
  struct gpio_v2_line_request request = {0};
  if (!arguments(env, info, 7, values) || !number_of(env, values[4], &debounce_us) ||
      !number_of(env, values[5], &buffered))
    return NULL;
  napi_typeof(env, values[6], &type);
  if (type != napi_function) return throw_errno(env, "a listener is expected", EINVAL);
  int chip = begin_request(env, values, &request, path);
  if (chip < 0) return NULL;
  request.event_buffer_size = buffered;
  request.config.flags |= GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING;
  if (debounce_us > 0)
    add_attribute(&request.config, (struct gpio_v2_line_attribute){.id = GPIO_V2_LINE_ATTR_ID_DEBOUNCE,
                                                                   .debounce_period_us = debounce_us});
  line_t *line = request_line(env, chip, &request, path);
  if (line == NULL) return NULL;
  fcntl(line->fd, F_SETFL, fcntl(line->fd, F_GETFL) | O_NONBLOCK);
  napi_get_uv_event_loop(env, &loop);
  int failed = uv_poll_init(loop, &line->poll, line->fd);
  if (failed) {
    let_go(line->state, line);
    return throw_errno(env, path, -failed);
  }
  line->watched = 1;
  line->poll.data = line;
  napi_create_reference(env, values[6], 1, &line->listener);
  uv_poll_start(&line->poll, UV_READABLE, on_readable);
  return id_of(env, line);
}

/* drive(path, offset, flags, consumer, level): id of an output that begins with this level (0 or 1) */
static napi_value drive(napi_env env, napi_callback_info info) {
  napi_value values[5];
  char path[PATH_SIZE];
  uint32_t level;
  struct gpio_v2_line_request request = {0};
  if (!arguments(env, info, 5, values) || !number_of(env, values[4], &level)) return NULL;
  int chip = begin_request(env, values, &request, path);
  if (chip < 0) return NULL;
  request.config.flags |= GPIO_V2_LINE_FLAG_OUTPUT;
  add_attribute(&request.config, (struct gpio_v2_line_attribute){.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES,
                                                                 .values = level != 0});
  line_t *line = request_line(env, chip, &request, path);
  return line == NULL ? NULL : id_of(env, line);
}

static line_t *held_by_argument(napi_env env, napi_value value) {
  uint32_t id;
  if (!number_of(env, value, &id)) return NULL;
  line_t *line = held(state_of(env), id);
  if (line == NULL) throw_errno(env, "no such line is held", EBADF);
  return line;
}

/* level(id): 0 or 1 */
static napi_value level(napi_env env, napi_callback_info info) {
  napi_value values[1], answer;
  struct gpio_v2_line_values read_values = {.mask = 1};
  if (!arguments(env, info, 1, values)) return NULL;
  line_t *line = held_by_argument(env, values[0]);
  if (line == NULL) return NULL;
  if (ioctl(line->fd, GPIO_V2_LINE_GET_VALUES_IOCTL, &read_values)) return throw_errno(env, "level", errno);
  napi_create_uint32(env, read_values.bits & 1, &answer);
  return answer;
}

/* set(id, level) */
static napi_value set(napi_env env, napi_callback_info info) {
  napi_value values[2];
  uint32_t wanted;
  if (!arguments(env, info, 2, values) || !number_of(env, values[1], &wanted)) return NULL;
  line_t *line = held_by_argument(env, values[0]);
  if (line == NULL) return NULL;
  struct gpio_v2_line_values new_values = {.mask = 1, .bits = wanted != 0};
  if (ioctl(line->fd, GPIO_V2_LINE_SET_VALUES_IOCTL, &new_values)) return throw_errno(env, "set", errno);
  return NULL;
}

/* release(id): nothing is told of it any more; of a line that is not held, nothing happens */
static napi_value release(napi_env env, napi_callback_info info) {
  napi_value values[1];
  uint32_t id;
  if (!arguments(env, info, 1, values) || !number_of(env, values[0], &id)) return NULL;
  state_t *state = state_of(env);
  line_t *line = held(state, id);
  if (line == NULL) return NULL;
  if (line->listener != NULL) napi_delete_reference(env, line->listener);
  let_go(state, line);
  return NULL;
}

static void add_flag(napi_env env, napi_value flags, const char *name, uint32_t flag) {
  napi_value value;
  napi_create_uint32(env, flag, &value);
  napi_set_named_property(env, flags, name, value);
}

int add_lines(napi_env env, napi_value exports) {
  state_t *state = calloc(1, sizeof *state);
  if (state == NULL) {
    throw_errno(env, "memory", ENOMEM);
    return 0;
  }
  state->env = env;
  napi_set_instance_data(env, state, NULL, NULL);
  napi_add_async_cleanup_hook(env, on_environment_end, state, &state->hook);

  napi_value flags;
  napi_create_object(env, &flags);
  add_flag(env, flags, "activeLow", GPIO_V2_LINE_FLAG_ACTIVE_LOW);
  add_flag(env, flags, "biasUp", GPIO_V2_LINE_FLAG_BIAS_PULL_UP);
  add_flag(env, flags, "biasDown", GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN);
  add_flag(env, flags, "biasNone", GPIO_V2_LINE_FLAG_BIAS_DISABLED);
  napi_set_named_property(env, exports, "flags", flags);
  add_function(env, exports, "chip", chip);
  add_function(env, exports, "line", line);
  add_function(env, exports, "watch", watch);
  add_function(env, exports, "drive", drive);
  add_function(env, exports, "level", level);
  add_function(env, exports, "set", set);
  add_function(env, exports, "release", release);
  return 1;
}
