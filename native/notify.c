/* One datagram to a unix socket: sd_notify(3). Node has no unix datagram sockets. */
#include "native.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* notify(path, message): a path that begins with @ is a name in the abstract space. Never waits. */
static napi_value notify(napi_env env, napi_callback_info info) {
  napi_value values[2];
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  char message[4096];
  size_t path_length, message_length;
  if (!arguments(env, info, 2, values) ||
      !text_of(env, values[0], address.sun_path, sizeof address.sun_path, &path_length) ||
      !text_of(env, values[1], message, sizeof message, &message_length))
    return NULL;
  char shown[sizeof address.sun_path];
  memcpy(shown, address.sun_path, sizeof shown);
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';

  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return throw_errno(env, "socket", errno);
  socklen_t size = offsetof(struct sockaddr_un, sun_path) + path_length;
  ssize_t sent = sendto(fd, message, message_length, MSG_NOSIGNAL, (struct sockaddr *)&address, size);
  int error = errno;
  close(fd);
  return sent < 0 ? throw_errno(env, shown, error) : NULL;
}

void add_notify(napi_env env, napi_value exports) { add_function(env, exports, "notify", notify); }
