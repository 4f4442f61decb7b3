/*
 * A board without a board: runs a hex file on a simulated ATmega328P (an Uno) in real time.
 *
 *   board HEX SOCKET       the name of the serial line (a pty) comes on standard output
 *   board HEX SOCKET boot  HEX is a bootloader: opening the line resets the board into it, as DTR does on an Arduino
 *
 * What is soldered to the pins is told on the unix socket, one line each:
 *   wire PIN 0|1|open      holds a pin to ground, to 5 V, or lets go of it
 *   adc CHANNEL MILLIVOLT  what an analog pin sees
 *   get PIN                answers `is PIN LEVEL`
 *   pulse PIN              answers `pulse PIN US` with the next whole pulse of the pin, -1 when none comes in 100 ms
 * and it tells `pin PIN LEVEL` whenever what the board drives changes: 0–255 (between them PWM), -1 for an input.
 *
 * An open input reads its pull-up when the firmware has turned it on, and ground when it has not: a driver that
 * forgets the pull-up sees a pressed button.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <simavr/avr_adc.h>
#include <simavr/avr_ioport.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_hex.h>
#include <simavr/sim_io.h>

#define PINS 20
#define OPEN -1
#define CYCLES_A_MS 16000
#define CYCLES_A_US 16
/* A servo has one every 20 ms. */
#define PULSE_WITHIN_MS 100
/* 57600 baud carry less than six bytes a millisecond; more at once overruns the receiver of the firmware. */
#define BYTES_A_MS 6
/* A bootloader speaks at 115200. */
#define BYTES_A_MS_BOOT 11
/* MCUSR of the ATmega328P (datasheet, 11.9.1): the reset came from outside, and a bootloader waits for a host. */
#define MCUSR 0x54
#define EXTRF 1
/* A host that was not scheduled for so long goes on from here instead of racing to catch up. */
#define MOST_BEHIND_US 500000

static avr_t *avr;
static int line = -1, server = -1, client = -1;
static int may_send = 1;
static int is_boot, was_open;
static uint32_t boot_base;
static int wire[PINS];
static int told[PINS];

/* Registers of the ATmega328P datasheet, section 36; the compare output of a timer takes the pin when its COM bit is set. */
struct pwm {
  int pin, control, bit, compare;
};
static const struct pwm PWM[] = {
  {6, 0x44, 7, 0x47}, {5, 0x44, 5, 0x48}, {9, 0x80, 7, 0x88},
  {10, 0x80, 5, 0x8a}, {11, 0xb0, 7, 0xb3}, {3, 0xb0, 5, 0xb4},
};

static char port_of(int pin) {
  return pin < 8 ? 'D' : pin < 14 ? 'B' : 'C';
}

static int bit_of(int pin) {
  return pin < 8 ? pin : pin < 14 ? pin - 8 : pin - 14;
}

/* PINx, DDRx and PORTx stand behind one another. */
static uint8_t *registers_of(int pin) {
  return &avr->data[port_of(pin) == 'B' ? 0x23 : port_of(pin) == 'C' ? 0x26 : 0x29];
}

static int level_of(int pin) {
  const uint8_t *io = registers_of(pin);
  if (!((io[1] >> bit_of(pin)) & 1)) return -1;
  for (size_t i = 0; i < sizeof PWM / sizeof *PWM; i++)
    if (PWM[i].pin == pin && ((avr->data[PWM[i].control] >> PWM[i].bit) & 1)) return avr->data[PWM[i].compare];
  return (io[2] >> bit_of(pin)) & 1 ? 255 : 0;
}

/* The next pulse of a pin: asked for until when, and when it rose; 0 is not asked, not risen. In cycles. */
static avr_cycle_count_t pulse_until[PINS], pulse_rose[PINS];

static void tell(const char *what, int pin, int level) {
  char text[32];
  int length = snprintf(text, sizeof text, "%s %d %d\n", what, pin, level);
  if (client >= 0 && send(client, text, length, MSG_NOSIGNAL) < 0 && errno != EAGAIN) {
    close(client);
    client = -1;
  }
}

static void on_level(avr_irq_t *irq, uint32_t level, void *of) {
  int pin = (int)(intptr_t)of;
  if (pulse_until[pin] == 0) return;
  if (level) pulse_rose[pin] = avr->cycle;
  else if (pulse_rose[pin] != 0) {
    pulse_until[pin] = 0;
    tell("pulse", pin, (avr->cycle - pulse_rose[pin] + CYCLES_A_US / 2) / CYCLES_A_US);
  }
}

static void miss_pulses(void) {
  for (int pin = 2; pin < PINS; pin++)
    if (pulse_until[pin] != 0 && avr->cycle > pulse_until[pin]) {
      pulse_until[pin] = 0;
      tell("pulse", pin, -1);
    }
}

static void settle_inputs(void) {
  for (int pin = 2; pin < PINS; pin++) {
    const uint8_t *io = registers_of(pin);
    int bit = bit_of(pin);
    if ((io[1] >> bit) & 1) continue;
    int level = wire[pin] == OPEN ? (io[2] >> bit) & 1 : wire[pin];
    if (((io[0] >> bit) & 1) != level)
      avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(port_of(pin)), bit), level);
  }
}

static void tell_outputs(void) {
  for (int pin = 2; pin < PINS; pin++) {
    int level = level_of(pin);
    if (level == told[pin]) continue;
    told[pin] = level;
    tell("pin", pin, level);
  }
}

/* Otherwise simavr lets a pull-up that is written anew win over the wire until settle_inputs comes round. */
static void solder(int pin, int level) {
  wire[pin] = level;
  avr_ioport_external_t held = {.name = port_of(pin)};
  for (int other = 2; other < PINS; other++) {
    if (port_of(other) != held.name || wire[other] == OPEN) continue;
    held.mask |= 1 << bit_of(other);
    held.value |= wire[other] << bit_of(other);
  }
  avr_ioctl(avr, AVR_IOCTL_IOPORT_SET_EXTERNAL(held.name), &held);
}

static void obey(const char *order) {
  int pin, value;
  char word[8];
  if (sscanf(order, "adc %d %d", &pin, &value) == 2 && pin >= 0 && pin < 8)
    avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, pin), value);
  else if (sscanf(order, "wire %d %7s", &pin, word) == 2 && pin >= 2 && pin < PINS)
    solder(pin, strcmp(word, "open") == 0 ? OPEN : atoi(word) != 0);
  else if (sscanf(order, "get %d", &pin) == 1 && pin >= 2 && pin < PINS)
    tell("is", pin, level_of(pin));
  else if (sscanf(order, "pulse %d", &pin) == 1 && pin >= 2 && pin < PINS) {
    pulse_rose[pin] = 0;
    pulse_until[pin] = avr->cycle + PULSE_WITHIN_MS * CYCLES_A_MS;
  }
  else
    fprintf(stderr, "not understood: %s\n", order);
}

static void read_orders(void) {
  static char text[4096];
  static size_t have;
  if (client < 0) {
    client = accept4(server, 0, 0, SOCK_NONBLOCK);
    have = 0;
    if (client >= 0)
      for (int pin = 2; pin < PINS; pin++) tell("pin", pin, told[pin]);
    return;
  }
  ssize_t got = read(client, text + have, sizeof text - 1 - have);
  if (got == 0) {
    close(client);
    client = -1;
  }
  if (got <= 0) return;
  have += got;
  text[have] = 0;
  char *from = text;
  for (char *end; (end = strchr(from, '\n')) != NULL; from = end + 1) {
    *end = 0;
    obey(from);
  }
  have = strlen(from);
  memmove(text, from, have);
}

static void feed_line(avr_irq_t *receiver) {
  static unsigned char bytes[4096];
  static ssize_t at, length;
  if (at == length) {
    at = 0;
    length = read(line, bytes, sizeof bytes);
    if (length < 0) length = 0;
  }
  int most = is_boot ? BYTES_A_MS_BOOT : BYTES_A_MS;
  for (int sent = 0; may_send && at < length && sent < most; sent++) avr_raise_irq(receiver, bytes[at++]);
}

static void on_byte(avr_irq_t *irq, uint32_t value, void *unused) {
  unsigned char byte = value;
  /* A line that nobody reads loses bytes, as a real one does. */
  if (write(line, &byte, 1) < 0 && errno != EAGAIN) exit(1);
}

static void on_xon(avr_irq_t *irq, uint32_t value, void *unused) {
  may_send = 1;
}

static void on_xoff(avr_irq_t *irq, uint32_t value, void *unused) {
  may_send = 0;
}

static long long now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static void keep_pace(void) {
  static long long start;
  if (start == 0) start = now_us();
  long long ahead = start + (long long)(avr->cycle / 16) - now_us();
  if (ahead > 500) usleep(ahead);
  else if (ahead < -MOST_BEHIND_US) start -= ahead;
}

/* The other end of a pty hangs up when its last user closes it; that it no longer does is the edge of DTR. */
static void reset_when_opened(void) {
  struct pollfd ends = {.fd = line, .events = POLLIN};
  poll(&ends, 1, 0);
  int is_open = !(ends.revents & POLLHUP);
  if (is_open && !was_open) {
    avr_reset(avr);
    avr->data[MCUSR] = 1 << EXTRF;
    avr->pc = boot_base;
  }
  was_open = is_open;
}

static int load(const char *hex) {
  uint32_t size, base;
  uint8_t *code = read_ihex_file(hex, &size, &base);
  if (code == NULL) return -1;
  avr = avr_make_mcu_by_name("atmega328p");
  avr_init(avr);
  avr->frequency = 16000000;
  avr->log = 0;
  avr->vcc = avr->avcc = avr->aref = 5000;
  memcpy(avr->flash + base, code, size);
  avr->pc = boot_base = base;
  avr->codeend = avr->flashend;
  return 0;
}

static avr_irq_t *open_line(void) {
  int other;
  char name[64];
  struct termios raw;
  memset(&raw, 0, sizeof raw);
  cfmakeraw(&raw);
  if (openpty(&line, &other, name, &raw, 0) < 0) return NULL;
  fcntl(line, F_SETFL, O_NONBLOCK);
  /* Held open it would never hang up. */
  if (is_boot) close(other);
  uint32_t flags = 0;
  avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
  flags &= ~(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
  avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), on_byte, 0);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XON), on_xon, 0);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XOFF), on_xoff, 0);
  printf("%s\n", name);
  fflush(stdout);
  return avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT);
}

static int listen_at(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  unlink(path);
  server = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
  return bind(server, (struct sockaddr *)&address, sizeof address) < 0 || listen(server, 1) < 0 ? -1 : 0;
}

int main(int argc, char **argv) {
  is_boot = argc == 4 && strcmp(argv[3], "boot") == 0;
  if (argc != 3 && !is_boot) {
    fprintf(stderr, "usage: board HEX SOCKET [boot]\n");
    return 2;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int pin = 0; pin < PINS; pin++) wire[pin] = told[pin] = OPEN;
  if (load(argv[1]) < 0 || listen_at(argv[2]) < 0) {
    perror("board");
    return 1;
  }
  avr_irq_t *receiver = open_line();
  if (receiver == NULL) {
    perror("openpty");
    return 1;
  }
  for (int pin = 2; pin < PINS; pin++)
    avr_irq_register_notify(
        avr_io_getirq(avr, AVR_IOCTL_IOPORT_GETIRQ(port_of(pin)), bit_of(pin)), on_level, (void *)(intptr_t)pin);
  for (;;) {
    avr_cycle_count_t until = avr->cycle + CYCLES_A_MS;
    while (avr->cycle < until) {
      int state = avr_run(avr);
      if (state == cpu_Done || state == cpu_Crashed) return 1;
    }
    if (is_boot) reset_when_opened();
    settle_inputs();
    tell_outputs();
    feed_line(receiver);
    read_orders();
    miss_pulses();
    keep_pace();
  }
}
