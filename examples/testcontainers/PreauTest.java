import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;

@Testcontainers
class PreauTest {
    static final int PORT = freePort();
    static final String ISSUER = "http://localhost:" + PORT;
    static final HttpClient HTTP = HttpClient.newHttpClient();

    @Container
    static final GenericContainer<?> PREAU = preau();

    static GenericContainer<?> preau() {
        var container = new GenericContainer<>("preau")
            .withEnv("PREAU_ISSUER", ISSUER)
            .withEnv("PREAU_TEST_INSTANCE", "true")
            .withEnv("PREAU_SANDBOX__ENABLED", "true")
            .withEnv("PREAU_SANDBOX__TOKEN", "fictional-data-only")
            .withEnv("PREAU_FAMILIES__CASES", "[\"all\"]")
            .withEnv("PREAU_CLIENTS", "[{\"client_id\": \"our-ent\", \"client_name\": \"Our ENT\", \"client_secret\": \"a-secret-of-16-characters\", \"redirect_uris\": [\"http://localhost:3000/callback\"]}]")
            .withCommand("sh", "-c", "preau db upgrade && exec preau serve")
            .withExposedPorts(8400)
            .waitingFor(Wait.forHttp("/readyz").forPort(8400));
        container.setPortBindings(List.of("127.0.0.1:" + PORT + ":8400"));
        return container;
    }

    @BeforeEach
    void seed() throws Exception {
        assertEquals(204, call("POST", "reset", "").statusCode());
    }

    @Test
    void aParentIsActivatedInOneCall() throws Exception {
        var answer = call("POST", "people/activate", "{\"phone\": \"+33639980510\", \"password\": \"Cartable-Bleu-42\"}");
        assertEquals(201, answer.statusCode());
        assertTrue(answer.body().contains("LISIÈRE"), answer.body());
    }

    static HttpResponse<String> call(String method, String path, String body) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(ISSUER + "/sandbox/v1/" + path))
            .header("X-Preau-Sandbox", "1")
            .header("Authorization", "Bearer fictional-data-only")
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofString(body));
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    static int freePort() {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException error) {
            throw new IllegalStateException(error);
        }
    }
}
