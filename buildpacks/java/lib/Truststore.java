import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;

/**
 * Truststore PEM_FILE STORE: writes the certificates of a bundle in the way that Java reads them. Like the JDK's own, without a
 * password: encryption would be by a random salt, and the older format has the time of each entry.
 */
public class Truststore {
  public static void main(String[] files) throws Exception {
    System.setProperty("keystore.pkcs12.certProtectionAlgorithm", "NONE");
    System.setProperty("keystore.pkcs12.macAlgorithm", "NONE");
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    int number = 0;
    try (FileInputStream bundle = new FileInputStream(files[0])) {
      for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(bundle)) {
        store.setCertificateEntry("certificate-" + number++, certificate);
      }
    }
    try (FileOutputStream out = new FileOutputStream(files[1])) {
      store.store(out, null);
    }
  }
}
