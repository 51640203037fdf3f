// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.testinfra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class TcpProxyTest {

  private final ServerSocket server;
  private final TcpProxy proxy;

  TcpProxyTest() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    proxy = TcpProxy.to("127.0.0.1", server.getLocalPort());
  }

  @BeforeEach
  void echo() {
    Thread.ofVirtual().start(() -> {
      while (true) {
        try {
          Socket socket = server.accept();
          Thread.ofVirtual().start(() -> {
            try (socket) {
              socket.getInputStream().transferTo(socket.getOutputStream());
            } catch (IOException closed) {
              // The test cut it.
            }
          });
        } catch (IOException closed) {
          return;
        }
      }
    });
  }

  @AfterEach
  void close() throws IOException {
    proxy.close();
    server.close();
  }

  @Test
  void what_is_sent_arrives_in_both_directions() throws IOException {
    try (Socket client = connect()) {
      send(client, 1);
      assertThat(client.getInputStream().read()).isEqualTo(1);
      assertThat(proxy.connections()).isEqualTo(1);
      client.shutdownOutput();
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void a_cut_closes_what_is_open_and_refuses_what_is_new_until_it_is_restored() throws IOException {
    try (Socket client = connect()) {
      send(client, 1);
      assertThat(client.getInputStream().read()).isEqualTo(1);

      proxy.cut();

      assertThat(closed(client)).isTrue();
      try (Socket refused = connect()) {
        assertThat(closed(refused)).isTrue();
      }
      assertThatThrownBy(proxy::freeze).isInstanceOf(IllegalStateException.class);
    }

    proxy.restore();

    try (Socket client = connect()) {
      send(client, 2);
      assertThat(client.getInputStream().read()).isEqualTo(2);
    }
  }

  @Test
  void while_frozen_nothing_comes_back_and_afterwards_all_of_it() throws IOException {
    try (Socket old = connect()) {
      send(old, 1);
      assertThat(old.getInputStream().read()).isEqualTo(1);

      proxy.freeze();

      try (Socket fresh = connect()) {
        send(old, 2);
        send(fresh, 3);
        assertThat(silent(old)).isTrue();
        assertThat(silent(fresh)).isTrue();

        proxy.restore();

        assertThat(old.getInputStream().read()).isEqualTo(2);
        assertThat(fresh.getInputStream().read()).isEqualTo(3);
      }
    }
  }

  @Test
  void a_cut_ends_a_freeze() throws IOException {
    try (Socket client = connect()) {
      proxy.freeze();
      send(client, 1);

      proxy.cut();

      assertThat(closed(client)).isTrue();
    }
  }

  @Test
  void a_server_that_is_not_there_closes_the_connection() throws IOException {
    server.close();
    try (Socket client = connect()) {
      assertThat(closed(client)).isTrue();
    }
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), proxy.port());
  }

  private static void send(Socket socket, int value) throws IOException {
    socket.getOutputStream().write(value);
  }

  private static boolean silent(Socket socket) throws IOException {
    socket.setSoTimeout(100);
    try {
      socket.getInputStream().read();
      return false;
    } catch (SocketTimeoutException nothing) {
      socket.setSoTimeout(0);
      return true;
    }
  }

  private static boolean closed(Socket socket) {
    try {
      return socket.getInputStream().read() == -1;
    } catch (IOException reset) {
      return true;
    }
  }
}
