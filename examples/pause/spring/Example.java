/** A consumer that prints what is asked of it; ends with its standard input. */
public final class Example {
  public static void main(String[] arguments) throws Exception {
    PauseListener.Pausable consumer =
        new PauseListener.Pausable() {
          public void pause() {
            System.out.println("paused");
          }

          public void resume() {
            System.out.println("resumed");
          }

          public boolean isIdle() {
            return true;
          }
        };
    try (PauseListener listener = new PauseListener(arguments[0], consumer)) {
      listener.start();
      System.out.println("listening");
      System.in.readAllBytes();
    }
  }
}
