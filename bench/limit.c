/* The limit: what a single thread can do on this kernel when it does nothing else.
 *
 * One epoll thread. Whatever whole lines a client sends go to all others with one send() each; what
 * a socket does not take waits in memory, without bound. Nothing is parsed beyond the line end, no
 * names, no rooms, nothing kept. A chat server cannot be faster than this without another way into
 * the kernel (more threads, io_uring, zero-copy).
 *
 * Usage: limit PORT. Says "hello" to whoever connects, so that a client knows it is in.
 * Must not know: any protocol.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    MOST = 20000,           /* descriptors */
    CHUNK = 64 * 1024,      /* read at a time, what asyncio and Twisted read as well */
    EVENTS = 512,
    BACKLOG = 1024,
};

struct client {
    char *begun;            /* a line that has not ended yet */
    size_t begun_length;
    char *waiting;          /* what the socket did not take */
    size_t waiting_start, waiting_length, waiting_space;
    int place;              /* in `clients` */
};

static struct client by_fd[MOST];
static int clients[MOST], count, poller;
static char space[2 * CHUNK];

static void watch(int fd, uint32_t events, int how)
{
    struct epoll_event event = {.events = events, .data.fd = fd};
    epoll_ctl(poller, how, fd, &event);
}

static void let_in(int listener)
{
    int on = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    if (fd >= MOST) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    memset(&by_fd[fd], 0, sizeof by_fd[fd]);
    by_fd[fd].place = count;
    clients[count++] = fd;
    watch(fd, EPOLLIN, EPOLL_CTL_ADD);
    send(fd, "hello\r\n", 7, MSG_NOSIGNAL);
}

static void let_out(int fd)
{
    struct client *c = &by_fd[fd];
    free(c->begun);
    free(c->waiting);
    clients[c->place] = clients[--count];
    by_fd[clients[c->place]].place = c->place;
    close(fd);
}

static void keep(int fd, const char *data, size_t length)
{
    struct client *c = &by_fd[fd];
    if (!c->waiting_length)
        watch(fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
    if (c->waiting_start + c->waiting_length + length > c->waiting_space) {
        memmove(c->waiting, c->waiting + c->waiting_start, c->waiting_length);
        c->waiting_start = 0;
        if (c->waiting_length + length > c->waiting_space) {
            c->waiting_space = 2 * (c->waiting_length + length);
            c->waiting = realloc(c->waiting, c->waiting_space);
        }
    }
    memcpy(c->waiting + c->waiting_start + c->waiting_length, data, length);
    c->waiting_length += length;
}

static void send_waiting(int fd)
{
    struct client *c = &by_fd[fd];
    ssize_t sent = send(fd, c->waiting + c->waiting_start, c->waiting_length, MSG_NOSIGNAL);
    if (sent <= 0)
        return;
    c->waiting_start += (size_t)sent;
    c->waiting_length -= (size_t)sent;
    if (!c->waiting_length) {
        c->waiting_start = 0;
        watch(fd, EPOLLIN, EPOLL_CTL_MOD);
    }
}

static void tell_others(int from, const char *data, size_t length)
{
    for (int i = 0; i < count; i++) {
        int fd = clients[i];
        ssize_t sent = 0;
        if (fd == from)
            continue;
        if (!by_fd[fd].waiting_length)
            sent = send(fd, data, length, MSG_NOSIGNAL);
        if (sent < 0)
            sent = 0;   /* full, or gone: then its own event says so */
        if ((size_t)sent < length)
            keep(fd, data + sent, length - (size_t)sent);
    }
}

static void listen_to(int fd)
{
    struct client *c = &by_fd[fd];
    size_t length = c->begun_length, whole;
    const char *end;
    ssize_t n;
    if (length > CHUNK) {
        let_out(fd);
        return;
    }
    memcpy(space, c->begun, length);
    n = recv(fd, space + length, CHUNK, 0);
    if (n <= 0) {
        let_out(fd);
        return;
    }
    length += (size_t)n;
    end = memrchr(space, '\n', length);
    whole = end ? (size_t)(end + 1 - space) : 0;
    if (whole)
        tell_others(fd, space, whole);
    free(c->begun);
    c->begun_length = length - whole;
    c->begun = c->begun_length ? memcpy(malloc(c->begun_length), space + whole, length - whole)
                               : NULL;
}

static int listener_on(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0 || listen(fd, BACKLOG) < 0) {
        perror("listen");
        exit(1);
    }
    return fd;
}

int main(int argc, char **argv)
{
    static struct epoll_event events[EVENTS];
    int listener;
    if (argc != 2)
        return 2;
    poller = epoll_create1(EPOLL_CLOEXEC);
    listener = listener_on(atoi(argv[1]));
    watch(listener, EPOLLIN, EPOLL_CTL_ADD);
    for (;;) {
        int n = epoll_wait(poller, events, EVENTS, -1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) {
                let_in(fd);
                continue;
            }
            if (events[i].events & EPOLLOUT)
                send_waiting(fd);
            if (events[i].events & ~(uint32_t)EPOLLOUT)
                listen_to(fd);
        }
    }
}
