/* The load generator: a crowd of clients in one epoll thread, cheap enough never to be what is
 * measured.
 *
 * Reads commands on stdin, one a line, and answers each with one line of JSON on stdout:
 *
 *   join N WINDOW SECONDS            until N are in; at most WINDOW connections not yet heard from
 *   settle LEAST_MS SECONDS          so long at least, and until nothing more comes
 *   lockstep LINES WARM SECONDS      one line, wait until all have it, next; WARM lines uncounted
 *   flood TALKERS LINES SECONDS      all lines in at once, until all have them (or the time is up)
 *   paced PER_SECOND LINES SECONDS   lines at fixed times; latency from the time a line was due
 *   deaf                             the last member never reads again
 *
 * The thread spins while it measures: the server then never pays for waking it up. Every answer
 * says how much of the time there was nothing to do ("spare"): near 0, this program was the limit.
 *
 * Connections and dialects are in members.h, how deliveries are counted in counting.h.
 * Must not know: which server it talks to, beyond the row in `dialects`.
 */
#define _GNU_SOURCE
#include "counting.h"

static const int64_t QUIET = 200000000; /* ns without a byte: nothing is under way any more */

static void join(int wanted, int window, double seconds)
{
    int64_t start = now(), end = start + (int64_t)(seconds * 1e9);
    if (wanted > MOST)
        wanted = MOST;
    take = log_in;
    while (joined < wanted && !gone && now() < end) {
        while (opened < wanted && unheard < window)
            open_one();
        turn(10);
    }
    if (joined < wanted)
        printf("{\"error\": \"%d of %d in after %.0f s%s%s\"}\n", joined, wanted,
               (double)(now() - start) / 1e9, gone ? ": " : "", why);
    else
        printf("{\"members\": %d, \"seconds\": %.6f}\n", joined, (double)(now() - start) / 1e9);
}

static void settle(double least_ms, double seconds)
{
    int64_t start = now(), last = start;
    take = throw_away;
    while ((now() - last < QUIET || now() - start < (int64_t)(least_ms * 1e6)) && !gone
           && now() - start < (int64_t)(seconds * 1e9))
        if (turn(5) > 0)
            last = now();
    if (gone)
        printf("{\"error\": \"dropped by the server: %d of %d (%s)\"}\n", gone, opened, why);
    else if (now() - last < QUIET)
        printf("{\"error\": \"still not quiet after %.0f s\"}\n", seconds);
    else
        printf("{\"seconds\": %.6f}\n", (double)(last - start) / 1e9);
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Member 0 does all the talking in `lockstep` and `paced`. Were talkers to take turns, each
 * listener would also have sent, its kernel would delay acknowledgements by 40 ms, and with servers
 * that leave Nagle's algorithm on we would measure that and nothing else. */
static long lines_due;

static uint64_t due_from_first(int member)
{
    return (uint64_t)(member ? lines_due : 0);
}

static void lockstep(long lines, long warm, double seconds)
{
    int64_t end = now() + (int64_t)(seconds * 1e9), first = 0, last = 0;
    int64_t *took = calloc((size_t)lines, sizeof *took);
    long number, readers = opened - 1;
    char text[512];
    lines_due = lines + warm;
    begin(count);
    for (number = 0; number < lines + warm && !gone && now() < end; number++) {
        size_t length = said(text, 0, 0, number);
        int64_t start = now();
        uint64_t goal = newlines + (uint64_t)(readers * dialect->newlines);
        if (number == warm) {
            first = start;
            spare = 0;
        }
        send_all(&members[0], text, length);
        while (newlines < goal && !gone && now() < end)
            turn(0);
        last = now();
        if (number >= warm)
            took[number - warm] = last - start;
    }
    if (gone || last >= end || *doubt(due_from_first)) {
        printf("{\"error\": \"%ld of %ld lines: %s\"}\n", number, lines + warm,
               last >= end && !gone ? "time is up" : doubt(due_from_first));
    } else {
        qsort(took, (size_t)lines, sizeof *took, by_size);
        printf("{\"mean_us\": %.4f, \"median_us\": %.4f, \"seconds\": %.6f, \"spare\": %.4f}\n",
               (double)(last - first) / 1e3 / (double)(lines * readers),
               (double)took[lines / 2] / 1e3 / (double)readers, (double)(last - first) / 1e9,
               (double)spare / (double)(last - first));
    }
    free(took);
}

static long flood_lines, flood_talkers;

static uint64_t flood_due(int member)
{
    return (uint64_t)(flood_lines - (member < flood_talkers ? flood_lines / flood_talkers : 0));
}

static char *flood_texts(long each)
{
    char *texts = malloc((size_t)(flood_talkers * each) * 160), *to = texts;
    for (int talker = 0; talker < flood_talkers; talker++) {
        members[talker].out = to;
        for (long number = 0; number < each; number++)
            to += said(to, talker, talker, number);
        members[talker].out_left = (size_t)(to - members[talker].out);
    }
    return texts;
}

static bool hung_up(struct member *m)
{
    struct pollfd state = {.fd = m->fd, .events = POLLRDHUP};
    poll(&state, 1, 0);
    return state.revents & (POLLHUP | POLLERR | POLLRDHUP);
}

static void flood(long talkers, long lines, double seconds)
{
    int64_t start, at = 0, end;
    uint64_t goal = 0;
    char *texts;
    flood_talkers = talkers;
    flood_lines = lines / talkers * talkers;
    texts = flood_texts(flood_lines / talkers);
    begin(count);
    for (int i = 0; i < opened - deaf; i++)
        goal += flood_due(i) * (uint64_t)dialect->newlines;
    start = now();
    end = start + (int64_t)(seconds * 1e9);
    for (int i = 0; i < talkers; i++)
        watch(&members[i], EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
    while (newlines < goal && !gone && (at = now()) < end)
        turn(0);
    at = now();
    if (gone || witness.strange || (newlines >= goal && *doubt(flood_due)))
        printf("{\"error\": \"%s\"}\n", doubt(flood_due));
    else
        printf("{\"deliveries\": %lu, \"complete\": %s, \"seconds\": %.6f, \"spare\": %.4f, "
               "\"line_bytes\": %zu, \"deaf_dropped\": %s}\n",
               newlines / (uint64_t)dialect->newlines, newlines >= goal ? "true" : "false",
               (double)(at - start) / 1e9, (double)spare / (double)(at - start), witness.delivered,
               deaf && hung_up(&members[opened - 1]) ? "true" : "false");
    for (int i = 0; i < talkers; i++)
        members[i].out_left = 0;
    free(texts);
}

/* Latencies: all lines come from one talker, so a member's nth newline is the nth line. */
static int64_t due_first, due_step, *latencies;
static long latencies_kept, latencies_most;

static void time_lines(struct member *m, char *data, size_t length)
{
    uint64_t before = m->newlines / (uint64_t)dialect->newlines;
    int64_t at = now();
    count(m, data, length);
    for (uint64_t i = before; i < m->newlines / (uint64_t)dialect->newlines; i++)
        if (latencies_kept < latencies_most)
            latencies[latencies_kept++] = at - (due_first + (int64_t)i * due_step);
}

static void paced(double per_second, long lines, double seconds)
{
    int64_t end;
    long said_so_far = 0;
    uint64_t goal = (uint64_t)(lines * (opened - 1) * dialect->newlines);
    char text[512];
    lines_due = lines;
    latencies_most = lines * (opened - 1);
    latencies_kept = 0;
    latencies = malloc((size_t)latencies_most * sizeof *latencies);
    begin(time_lines);
    due_step = (int64_t)(1e9 / per_second);
    due_first = now() + due_step;
    end = due_first + (int64_t)(seconds * 1e9);
    while (newlines < goal && !gone && now() < end) {
        if (said_so_far < lines && now() >= due_first + said_so_far * due_step) {
            size_t length = said(text, 0, 0, said_so_far++);
            send_all(&members[0], text, length);
        }
        turn(0);
    }
    if (newlines < goal && !gone)
        printf("{\"error\": \"%ld of %ld deliveries in %.0f s: it cannot keep up\"}\n",
               latencies_kept, latencies_most, seconds);
    else if (*doubt(due_from_first))
        printf("{\"error\": \"%s\"}\n", doubt(due_from_first));
    else {
        qsort(latencies, (size_t)latencies_kept, sizeof *latencies, by_size);
        printf("{\"p50_ms\": %.4f, \"p99_ms\": %.4f, \"max_ms\": %.4f, \"spare\": %.4f}\n",
               (double)latencies[latencies_kept / 2] / 1e6,
               (double)latencies[latencies_kept * 99 / 100] / 1e6,
               (double)latencies[latencies_kept - 1] / 1e6,
               (double)spare / (double)(now() - due_first));
    }
    free(latencies);
}

static void stop_reading(void)
{
    struct member *m = &members[opened - 1];
    epoll_ctl(poller, EPOLL_CTL_DEL, m->fd, NULL);
    m->deaf = true;
    deaf = 1;
    printf("{}\n");
}

static void obey(const char *line)
{
    char verb[16] = "";
    double a = 0, b = 0, c = 0;
    sscanf(line, "%15s %lf %lf %lf", verb, &a, &b, &c);
    if (!strcmp(verb, "join"))
        join((int)a, (int)b, c);
    else if (!strcmp(verb, "settle"))
        settle(a, b);
    else if (!strcmp(verb, "lockstep"))
        lockstep((long)a, (long)b, c);
    else if (!strcmp(verb, "flood"))
        flood((long)a, (long)b, c);
    else if (!strcmp(verb, "paced"))
        paced(a, (long)b, c);
    else if (!strcmp(verb, "deaf"))
        stop_reading();
    else
        printf("{\"error\": \"no such command\"}\n");
    fflush(stdout);
}

int main(int argc, char **argv)
{
    char line[200];
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++)
        if (argc == 3 && !strcmp(argv[2], dialects[i].name))
            dialect = &dialects[i];
    if (!dialect) {
        fprintf(stderr, "usage: load PORT telnet|irc|words|nats|raw\n");
        return 2;
    }
    port = atoi(argv[1]);
    poller = epoll_create1(EPOLL_CLOEXEC);
    members = calloc(MOST, sizeof *members);
    if (poller < 0 || !members)
        die("no memory");
    while (fgets(line, sizeof line, stdin))
        obey(line);
    return 0;
}
