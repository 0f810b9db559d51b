/* The members: connections to the server under test, their login, and one epoll for all.
 *
 * Must not know: what is measured. Only `take` knows what is done with what arrives.
 * Sources: RFC 1459 and 2812 (IRC), the NATS client protocol's page, docs/protocol.md (telnet).
 */
#pragma once
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum {
    TEXT = 80,              /* bytes of a said line, the size of a full terminal line */
    STEPS = 3,              /* the longest login of the dialects */
    TAIL = 64,              /* of what a member last read: a sign may be cut in two by recv */
    MOST = 20000,           /* members; five digits in a name would allow more */
    EVENTS = 512,           /* taken from epoll at a time */
    CHUNK = 64 * 1024,      /* read at a time: stays in the second-level cache */
};

/* In the texts below, @ is the member's name and $ the said text. */
struct dialect {
    const char *name;
    struct { const char *sign, *answer; } login[STEPS]; /* await sign ("" = at once), then answer */
    const char *say;
    const char *ping, *pong;    /* keep-alive: answered while no measurement runs */
    int newlines;               /* in one delivered line */
};

static const struct dialect dialects[] = {
    {"telnet", {{"name: ", "@\r\n"}, {"/help", ""}}, "$\r\n", NULL, NULL, 1},
    {"irc", {{"", "NICK @\r\nUSER @ 0 * :@\r\n"}, {" 001 ", "JOIN #lobby\r\n"}, {" 366 ", ""}},
     "PRIVMSG #lobby :$\r\n", "\nPING", "PONG", 1},
    /* IRC where a password comes first, and is "p". */
    {"words", {{"", "PASS p\r\nNICK @\r\nUSER @ 0 * :@\r\n"}, {" 001 ", "JOIN #lobby\r\n"},
               {" 366 ", ""}}, "PRIVMSG #lobby :$\r\n", "\nPING", "PONG", 1},
    {"nats", {{"INFO ", "CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":false}\r\n"
                        "SUB lobby 1\r\nPING\r\n"}, {"PONG", ""}},
     "PUB lobby 80\r\n$\r\n", "PING", "PONG\r\n", 2},
    /* Nothing parsed: what one sends, all others get, so the client writes the name itself. */
    {"raw", {{"hello", ""}}, "@: $\r\n", NULL, NULL, 1},
};

struct member {
    int fd, step;
    bool in, heard, deaf, gone;
    int tail_length;
    char tail[TAIL];
    uint64_t newlines, bytes;
    const char *out;            /* what is still to be sent in a flood */
    size_t out_left;
};

typedef void (*reader)(struct member *, char *data, size_t length);

static const struct dialect *dialect;
static struct member *members;
static int opened, joined, unheard, gone, deaf;
static int poller, port;
static reader take;                 /* what is done now with what arrives */
static char space[TAIL + CHUNK];    /* a tail goes right before what is read */
static int64_t spare;               /* time that `turn` found nothing to do */
static char why[TAIL + 1];          /* the last text of the first member that was dropped */

/* ---- time, text ---- */

static int64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void die(const char *what)
{
    printf("{\"fatal\": \"%s: %s\"}\n", what, strerror(errno));
    exit(1);
}

static size_t fill(char *to, const char *pattern, int member, const char *text)
{
    char *start = to;
    for (; *pattern; pattern++)
        if (*pattern == '@')
            to += sprintf(to, "n%05d", member);
        else if (*pattern == '$')
            to = stpcpy(to, text);
        else
            *to++ = *pattern;
    return (size_t)(to - start);
}

/* ---- connections ---- */

/* Edge-triggered, which spares the kernel a second look at each member after each read. */
static void watch(struct member *m, uint32_t events, int how)
{
    struct epoll_event event = {.events = events | EPOLLET, .data.u32 = (uint32_t)(m - members)};
    if (epoll_ctl(poller, how, m->fd, &event) < 0)
        die("epoll_ctl");
}

/* Small and rare sends: logins, keep-alive, a single line. The socket has room for those. */
static void send_all(struct member *m, const char *data, size_t length)
{
    while (length && !m->gone) {
        ssize_t n = send(m->fd, data, length, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            struct pollfd ready = {.fd = m->fd, .events = POLLOUT};
            poll(&ready, 1, 1000);
        } else if (n < 0) {
            return; /* the reading side will say why */
        } else {
            data += n;
            length -= (size_t)n;
        }
    }
}

static void answer(struct member *m)
{
    char text[512];
    const char *pattern = dialect->login[m->step].answer;
    send_all(m, text, fill(text, pattern, (int)(m - members), ""));
    m->step++;
    if (m->step == STEPS || !dialect->login[m->step].sign) {
        m->in = true;
        joined++;
    }
}

static void open_one(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct member *m = &members[opened++];
    int on = 1;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    memset(m, 0, sizeof *m);
    m->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* Blocking: on loopback it is done at once while the listener's backlog has room. */
    if (m->fd < 0 || connect(m->fd, (struct sockaddr *)&to, sizeof to) < 0)
        die("connect");
    fcntl(m->fd, F_SETFL, O_NONBLOCK);
    setsockopt(m->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(m, EPOLLIN, EPOLL_CTL_ADD);
    unheard++;
    if (!*dialect->login[0].sign)
        answer(m);
}

/* At most TAIL characters that JSON takes as they are. */
static void printable(char *to, const char *text, size_t length)
{
    for (size_t i = 0; i < length && i < TAIL; i++) {
        char c = text[i];
        *to++ = c < ' ' || c > '~' || c == '"' || c == '\\' ? ' ' : c;
    }
    *to = 0;
}

static void drop(struct member *m)
{
    if (!gone++)
        printable(why, m->tail, (size_t)m->tail_length);
    m->gone = true;
    epoll_ctl(poller, EPOLL_CTL_DEL, m->fd, NULL);
    close(m->fd);
}

static void keep_tail(struct member *m, const char *data, size_t length)
{
    m->tail_length = length < TAIL ? (int)length : TAIL;
    memcpy(m->tail, data + length - m->tail_length, (size_t)m->tail_length);
}

static void readable(struct member *m)
{
    ssize_t n;
    do { /* edge-triggered: until a read was not filled */
        n = recv(m->fd, space + TAIL, CHUNK, 0);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            drop(m);
            return;
        }
        if (!m->heard) {
            m->heard = true;
            unheard--;
        }
        take(m, space + TAIL, (size_t)n);
    } while (n == CHUNK);
}

static void writable(struct member *m)
{
    ssize_t n = 0;
    while (m->out_left && (n = send(m->fd, m->out, m->out_left, MSG_NOSIGNAL)) > 0) {
        m->out += n;
        m->out_left -= (size_t)n;
    }
    if (!m->out_left)
        watch(m, EPOLLIN, EPOLL_CTL_MOD);
}

/* One look at what is ready. Without a timeout it does not sleep. */
static int turn(int timeout_ms)
{
    static struct epoll_event events[EVENTS];
    int64_t start = now();
    int n = epoll_wait(poller, events, EVENTS, timeout_ms);
    if (!n)
        spare += now() - start;
    for (int i = 0; i < n; i++) {
        struct member *m = &members[events[i].data.u32];
        if (!m->gone && events[i].events & EPOLLOUT && m->out_left)
            writable(m);
        if (!m->gone && events[i].events & ~(uint32_t)EPOLLOUT)
            readable(m);
    }
    return n;
}

/* ---- what may be done with what arrives ---- */

static void keep_alive(struct member *m, const char *data, size_t length)
{
    const char *ping = dialect->ping
        ? memmem(data, length, dialect->ping, strlen(dialect->ping)) : NULL;
    const char *end;
    char text[512];
    if (!ping)
        return;
    ping += strlen(dialect->ping);
    end = memchr(ping, '\n', length - (size_t)(ping - data));
    if (strchr(dialect->pong, '\n') || !end || end - ping > 400)
        send_all(m, dialect->pong, strlen(dialect->pong));
    else
        send_all(m, text, (size_t)sprintf(text, "%s%.*s", dialect->pong,
                                          (int)(end - ping + 1), ping));
}

static void log_in(struct member *m, char *data, size_t length)
{
    const char *sign, *found;
    if (m->in) {
        keep_tail(m, data, length);
        return;
    }
    keep_alive(m, data, length);
    data -= m->tail_length;
    length += (size_t)m->tail_length;
    memcpy(data, m->tail, (size_t)m->tail_length);
    while (!m->in && (sign = dialect->login[m->step].sign)
           && (found = memmem(data, length, sign, strlen(sign)))) {
        length -= (size_t)(found + strlen(sign) - data);
        data += found + strlen(sign) - data;
        answer(m);
    }
    keep_tail(m, data, length);
}

static void throw_away(struct member *m, char *data, size_t length)
{
    keep_alive(m, data, length);
    keep_tail(m, data, length);
}
