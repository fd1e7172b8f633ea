/*
 * The program of a pod's sandbox on Docker. It needs nothing but Linux: no C library, no file of an image.
 *
 *   pause                 sleeps until it is killed, so that the pod's namespaces stay; reaps what ends under it.
 *   pause connect PORT    joins its standard streams with what listens on PORT of a loopback address. First it writes one
 *                         byte: '+' when somebody listens, otherwise '-'. Then each block that the port says follows its
 *                         length (two bytes, the greater first), and the length 0 is the end of what the port says: the
 *                         end of this program's output has to wait for its input. At the end of its own input it closes
 *                         that direction to the port.
 *
 * Two processes copy, one each way, so that neither direction waits for the other.
 */
typedef long word;

#if defined(__x86_64__)
enum { READ = 0, WRITE = 1, SIGACTION = 13, SOCKET = 41, CONNECT = 42, SHUTDOWN = 48, CLONE = 56, WAIT = 61, EXIT = 231, PPOLL = 271 };
static word call(word number, word a, word b, word c, word d, word e) {
  word result;
  register word r10 __asm__("r10") = d;
  register word r8 __asm__("r8") = e;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
  return result;
}
__asm__(".globl _start\n_start:\n  mov %rsp, %rdi\n  and $-16, %rsp\n  call begin\n");
#elif defined(__aarch64__)
enum { READ = 63, WRITE = 64, SIGACTION = 134, SOCKET = 198, CONNECT = 203, SHUTDOWN = 210, CLONE = 220, WAIT = 260, EXIT = 94, PPOLL = 73 };
static word call(word number, word a, word b, word c, word d, word e) {
  register word x8 __asm__("x8") = number;
  register word x0 __asm__("x0") = a;
  register word x1 __asm__("x1") = b;
  register word x2 __asm__("x2") = c;
  register word x3 __asm__("x3") = d;
  register word x4 __asm__("x4") = e;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
}
__asm__(".globl _start\n_start:\n  mov x0, sp\n  bl begin\n");
#else
#error "write its system calls down first"
#endif

enum { SIGPIPE_NUMBER = 13, SIGCHLD_NUMBER = 17, SIGNAL_SET_BYTES = 8, INET = 2, INET6 = 10, STREAM = 1, WRITE_SIDE = 1, INTERRUPTED = -4 };

static void ignore(word signal) {
  /* handler (1 is SIG_IGN), flags, restorer, mask: as the kernel has them on both machines. */
  volatile word action[4] = {1, 0, 0, 0};
  call(SIGACTION, signal, (word)action, 0, SIGNAL_SET_BYTES, 0);
}

enum { LENGTH_BYTES = 2, BLOCK_BYTES = 32768 };
static unsigned char block[LENGTH_BYTES + BLOCK_BYTES];

/* Writes all of it; answers whether somebody still takes it. */
static int give(word to, const unsigned char *bytes, word length) {
  while (length > 0) {
    word wrote = call(WRITE, to, (word)bytes, length, 0, 0);
    if (wrote == INTERRUPTED) continue;
    if (wrote <= 0) return 0;
    bytes += wrote;
    length -= wrote;
  }
  return 1;
}

/* Copies until one side has ended; with the length before each block, and 0 in the end, where that is wanted. */
static void copy(word from, word to, int with_lengths) {
  for (;;) {
    word length = call(READ, from, (word)(block + LENGTH_BYTES), BLOCK_BYTES, 0, 0);
    if (length == INTERRUPTED) continue;
    if (length < 0) length = 0;
    block[0] = (unsigned char)(length >> 8);
    block[1] = (unsigned char)length;
    word skipped = with_lengths ? 0 : LENGTH_BYTES;
    if (!give(to, block + skipped, length + LENGTH_BYTES - skipped) || length == 0) return;
  }
}

/* Connects to that port of 127.0.0.1 (family INET) or of ::1; answers the socket, or what is below 0. */
static word dial(word family, unsigned port) {
  volatile unsigned char address[28] = {0};
  address[0] = (unsigned char)family;
  address[2] = (unsigned char)(port >> 8);
  address[3] = (unsigned char)port;
  if (family == INET) {
    address[4] = 127;
    address[7] = 1;
  } else {
    address[23] = 1;
  }
  word socket = call(SOCKET, family, STREAM, 0, 0, 0);
  if (socket < 0) return socket;
  word result = call(CONNECT, socket, (word)address, family == INET ? 16 : 28, 0, 0);
  return result < 0 ? result : socket;
}

static word connect_port(const char *text) {
  unsigned port = 0;
  for (; *text != 0; text++) port = port * 10 + (unsigned)(*text - '0');
  word socket = dial(INET, port);
  if (socket < 0) socket = dial(INET6, port);
  call(WRITE, 1, (word)(socket < 0 ? "-" : "+"), 1, 0, 0);
  if (socket < 0) return 1;
  ignore(SIGPIPE_NUMBER);
  word child = call(CLONE, SIGCHLD_NUMBER, 0, 0, 0, 0);
  if (child == 0) {
    copy(socket, 1, 1);
    return 0;
  }
  copy(0, socket, 0);
  call(SHUTDOWN, socket, WRITE_SIDE, 0, 0, 0);
  while (call(WAIT, child, 0, 0, 0, 0) == INTERRUPTED) {
  }
  return 0;
}

__attribute__((used, noreturn)) void begin(word *stack) {
  word count = stack[0];
  char **arguments = (char **)(stack + 1);
  if (count == 3) {
    call(EXIT, connect_port(arguments[2]), 0, 0, 0, 0);
  }
  ignore(SIGCHLD_NUMBER);
  for (;;) call(PPOLL, 0, 0, 0, 0, 0);
}
