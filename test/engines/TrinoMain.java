/** Trino's server without its launcher: java -cp 'lib/*' -Dconfig=config.properties TrinoMain.java */
public class TrinoMain {
    public static void main(String[] arguments) {
        new io.trino.server.Server().start("476");
    }
}
