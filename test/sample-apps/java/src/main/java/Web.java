import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;

/** Answers every request with the version of Java. */
public class Web {
  public static void main(String[] arguments) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress(Integer.parseInt(System.getenv("PORT"))), 0);
    server.createContext("/", exchange -> {
      byte[] body = ("Java " + Runtime.version().feature()).getBytes();
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
  }
}
