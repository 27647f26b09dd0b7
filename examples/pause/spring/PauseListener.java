import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessHandle;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lets Throughline pause a consumer. Java 17, the JDK alone. The consumer never depends on the console: while it cannot
 * be reached nothing changes, and a pause ends at its own end by a clock that does not jump.
 */
public final class PauseListener implements AutoCloseable {
  /** What a consumer can do; called from the listener's threads, one at a time. */
  public interface Pausable {
    void pause();

    void resume();

    /** Whether what was taken is finished: a container of Spring that {@code isContainerPaused()}. */
    boolean isIdle();
  }

  private static final Logger LOG = Logger.getLogger("throughline");
  private static final int WAIT_MS = 20_000;
  private static final int FINISHING_WAIT_MS = 1_000;
  private static final long ANSWER_LIMIT_MS = 10_000;
  private static final long MAX_PAUSE_MS = 86_400_000;
  private static final int MAX_ANSWER_BYTES = 65_536;
  private static final long MAX_RETRY_MS = 30_000;

  private final HttpClient client = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();
  private final URI place = URI.create(setting("THROUGHLINE_CONTROL_URL") + "/v1/consumer");
  private final String token = setting("THROUGHLINE_CONSUMER_TOKEN");
  private final String cluster = setting("THROUGHLINE_CLUSTER");
  private final String member = UUID.randomUUID().toString();
  private final String group;
  private final Pausable consumer;
  private final Thread asking = new Thread(this::follow, "throughline-ask");
  private final Thread watching = new Thread(this::watchTheClock, "throughline-clock");
  private volatile boolean isStopping;
  /** The pause that is asked for, and when it ends by System.nanoTime(). */
  private String lease;
  private long endsAtNanos;
  /** The pause that the consumer is in. */
  private String applied;
  private String problem;

  public PauseListener(String group, Pausable consumer) {
    this.group = group;
    this.consumer = consumer;
    asking.setDaemon(true);
    watching.setDaemon(true);
  }

  public void start() {
    asking.start();
    watching.start();
  }

  /** Lets the consumer run; a console that does not hear of it forgets it by itself. */
  @Override
  public void close() {
    isStopping = true;
    asking.interrupt();
    watching.interrupt();
    synchronized (this) {
      lease = null;
      reconcile();
    }
  }

  private void follow() {
    String seen = null;
    int failures = 0;
    while (!isStopping) {
      try {
        boolean isShort = isFinishing();
        int waitMs = isShort ? FINISHING_WAIT_MS : WAIT_MS;
        String answer = ask(report(seen, waitMs), waitMs);
        seen = heed(answer);
        if (failures > 0) LOG.info("the console is back");
        failures = 0;
        Thread.sleep(jitter(Math.min(60_000, numberIn(answer, "askAgainMs").map(Double::longValue).orElse(0L))));
      } catch (InterruptedException interrupted) {
        return;
      } catch (IOException | RuntimeException failure) {
        failures += 1;
        if (failures == 1) LOG.warning("the console is lost, the consumer goes on as it is: " + failure);
        if (!rest(jitter(Math.min(MAX_RETRY_MS, 500L << Math.min(failures, 10))))) return;
      }
    }
  }

  private String ask(String report, int waitMs) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(place)
            .timeout(Duration.ofMillis(waitMs + ANSWER_LIMIT_MS))
            .header("authorization", "Bearer " + token)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(report))
            .build();
    HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      String text = new String(body.readNBytes(MAX_ANSWER_BYTES), StandardCharsets.UTF_8);
      if (response.statusCode() != 200) throw new IOException("the console answers " + response.statusCode());
      return text;
    }
  }

  /** What is not an order to the letter changes nothing. */
  private synchronized String heed(String answer) throws IOException {
    String order = textIn(answer, "order").orElse("");
    String revision = textIn(answer, "revision").orElseThrow(() -> new IOException("not understood: " + answer));
    if (order.equals("run")) {
      lease = null;
    } else if (order.equals("pause")) {
      double remainingMs = numberIn(answer, "remainingMs").orElse(0.0);
      if (!(remainingMs > 0)) throw new IOException("the console asks for a pause without an end");
      lease = textIn(answer, "id").orElseThrow(() -> new IOException("not understood: " + answer));
      endsAtNanos = System.nanoTime() + (long) (Math.min(remainingMs, MAX_PAUSE_MS) * 1_000_000);
    } else {
      throw new IOException("not understood: " + answer);
    }
    reconcile();
    return revision;
  }

  /** Ends a pause at its end, whether or not the console is there, and tries again what failed. */
  private void watchTheClock() {
    while (!isStopping && rest(200)) {
      synchronized (this) {
        if (lease != null && System.nanoTime() - endsAtNanos >= 0) {
          LOG.info("the pause ended by its own clock");
          lease = null;
        }
        reconcile();
      }
    }
  }

  private void reconcile() {
    try {
      if (lease != null && applied == null) consumer.pause();
      if (lease == null && applied != null) consumer.resume();
      applied = lease;
      problem = null;
    } catch (RuntimeException failure) {
      problem = String.valueOf(failure.getMessage());
    }
  }

  private synchronized boolean isFinishing() {
    return problem != null || (applied != null && !consumer.isIdle());
  }

  private synchronized String report(String seen, int waitMs) {
    String state = applied == null ? "running" : consumer.isIdle() ? "paused" : "pausing";
    return "{\"cluster\":" + quote(cluster) + ",\"group\":" + quote(group) + ",\"member\":" + quote(member)
        + ",\"name\":" + quote("java/" + ProcessHandle.current().pid()) + ",\"state\":" + quote(state)
        + ",\"lease\":" + quote(applied) + ",\"inFlight\":null,\"problem\":" + quote(problem)
        + ",\"seen\":" + quote(seen) + ",\"waitMs\":" + waitMs + "}";
  }

  /** A quote inside a text of the answer stands behind a backslash, so it never looks like a name. */
  private static Optional<String> textIn(String json, String name) {
    Matcher found = Pattern.compile("(?<!\\\\)\"" + name + "\":\"([^\"\\\\]*)\"").matcher(json);
    return found.find() ? Optional.of(found.group(1)) : Optional.empty();
  }

  private static Optional<Double> numberIn(String json, String name) {
    Matcher found = Pattern.compile("(?<!\\\\)\"" + name + "\":([0-9.]{1,20})").matcher(json);
    return found.find() ? Optional.of(Double.valueOf(found.group(1))) : Optional.empty();
  }

  /** Names and problems without what JSON would have to escape. */
  private static String quote(String text) {
    if (text == null) return "null";
    String plain = text.replaceAll("[\\p{Cc}\\p{Cf}\"\\\\]+", " ").strip();
    return "\"" + (plain.isEmpty() ? "unknown" : plain.substring(0, Math.min(200, plain.length()))) + "\"";
  }

  private static boolean rest(long ms) {
    try {
      Thread.sleep(ms);
      return true;
    } catch (InterruptedException interrupted) {
      return false;
    }
  }

  private static long jitter(long ms) {
    return ms / 2 + ThreadLocalRandom.current().nextLong(ms / 2 + 1);
  }

  private static String setting(String name) {
    String value = System.getenv(name);
    if (value == null || value.isEmpty()) throw new IllegalStateException(name + " is not set");
    return value;
  }
}
