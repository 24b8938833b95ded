package io.github.ivschatlocal;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * A WebSocket as RFC 6455 describes it. That of java.net.http does not notice every end of a TCP connection that comes
 * right after a frame, which is how the service ends sessions, and it hides the body of a refusal.
 */
final class WebSocketClient {
  private static final int TEXT = 1;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;
  private static final int MAXIMUM_BYTES = 16 << 20;
  private static final int MAXIMUM_HEAD_BYTES = 64 << 10;
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // of the RFC
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Socket socket;
  private final DataInputStream in;

  private WebSocketClient(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
  }

  /** Connects with a subprotocol. Throws a RefusedException if the server refuses the handshake. */
  static WebSocketClient connect(URI url, String subprotocol, Duration limit) throws IOException {
    boolean secure = url.getScheme().equals("wss");
    int port = url.getPort() >= 0 ? url.getPort() : secure ? 443 : 80;
    int milliseconds = (int) Math.min(Integer.MAX_VALUE, Math.max(1, limit.toMillis()));
    Socket socket = new Socket();
    try {
      socket.connect(new InetSocketAddress(url.getHost(), port), milliseconds);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(milliseconds);
      if (secure) {
        socket = ((SSLSocketFactory) SSLSocketFactory.getDefault()).createSocket(socket, url.getHost(), port, true);
        SSLParameters parameters = ((SSLSocket) socket).getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        ((SSLSocket) socket).setSSLParameters(parameters);
      }
      WebSocketClient client = new WebSocketClient(socket);
      client.shakeHands(url, subprotocol, System.nanoTime() + milliseconds * 1_000_000L);
      socket.setSoTimeout(0);
      return client;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /** The end is that of System.nanoTime. */
  private void shakeHands(URI url, String subprotocol, long end) throws IOException {
    byte[] nonce = new byte[16];
    RANDOM.nextBytes(nonce);
    String key = Base64.getEncoder().encodeToString(nonce);
    String request =
        String.join(
            "\r\n",
            "GET / HTTP/1.1",
            "Host: " + url.getRawAuthority(),
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: " + key,
            "Sec-WebSocket-Protocol: " + subprotocol,
            "\r\n");
    socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
    String[] head = readHead(end).split("\r\n");
    Map<String, String> headers = new HashMap<>();
    for (String line : head) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
      }
    }
    if (!head[0].matches("HTTP/1\\.1 [0-9]{3}.*")) {
      throw new IOException("the server does not answer with HTTP: " + Texts.shorten(head[0]));
    }
    int status = Integer.parseInt(head[0].substring(9, 12));
    if (status != 101) {
      throw RefusedException.of(
          "The handshake", status, headers.getOrDefault("x-amzn-errortype", ""), readBody(headers, end));
    }
    if (!accept(key).equals(headers.get("sec-websocket-accept"))) {
      throw new IOException("the server's Sec-WebSocket-Accept is not the one for this handshake");
    }
  }

  private static String accept(String key) {
    try {
      byte[] text = (key + GUID).getBytes(StandardCharsets.US_ASCII);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has SHA-1
    }
  }

  /** Reads an answer up to the empty line. */
  private String readHead(long end) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int last = 0; // how many bytes of the end have been read
    while (last < 4) {
      int next = readBefore(end);
      if (next < 0 || head.size() == MAXIMUM_HEAD_BYTES) {
        throw new EOFException("the connection has ended before the answer to the handshake");
      }
      head.write(next);
      last = next == "\r\n\r\n".charAt(last) ? last + 1 : next == '\r' ? 1 : 0;
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  /** Reads the body of a refusal: as much as Content-Length says. */
  private String readBody(Map<String, String> headers, long end) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try {
      int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
      while (body.size() < Math.min(length, MAXIMUM_HEAD_BYTES)) {
        int next = readBefore(end);
        if (next < 0) {
          break;
        }
        body.write(next);
      }
    } catch (IOException | NumberFormatException e) {
      // The refusal then has what has arrived.
    }
    return body.toString(StandardCharsets.UTF_8);
  }

  /** Reads a byte. A time limit for each would let a server that sends them slowly take as long as it wants. */
  private int readBefore(long end) throws IOException {
    long left = (end - System.nanoTime()) / 1_000_000;
    if (left <= 0) {
      throw new SocketTimeoutException("the answer to the handshake does not end");
    }
    socket.setSoTimeout((int) left);
    return in.read();
  }

  /** Passes each message to a reader, until the connection ends. Returns how it has ended. */
  CloseStatus read(Consumer<String> reader) {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    try (socket) {
      while (true) {
        int first = in.readUnsignedByte();
        byte[] payload = new byte[readLength()];
        in.readFully(payload);
        switch (first & 0xf) {
          case PING -> write(PONG, payload);
          case PONG -> {}
          case CLOSE -> {
            write(CLOSE, payload);
            return closeStatus(payload);
          }
          default -> {
            if (message.size() + payload.length > MAXIMUM_BYTES) {
              throw new IOException("the server has sent a message that is too long");
            }
            message.write(payload);
            if ((first & 0x80) != 0) {
              reader.accept(message.toString(StandardCharsets.UTF_8));
              message.reset();
            }
          }
        }
      }
    } catch (EOFException e) {
      return new CloseStatus(1006, "");
    } catch (IOException e) {
      return new CloseStatus(1006, String.valueOf(e.getMessage()));
    }
  }

  private int readLength() throws IOException {
    int second = in.readUnsignedByte();
    long length =
        switch (second & 0x7f) {
          case 126 -> in.readUnsignedShort();
          case 127 -> in.readLong();
          default -> second & 0x7f;
        };
    if (second > 127 || length < 0 || length > MAXIMUM_BYTES) {
      throw new IOException("the server has sent a frame that is masked or too long");
    }
    return (int) length;
  }

  private static CloseStatus closeStatus(byte[] payload) {
    if (payload.length < 2) {
      return new CloseStatus(1005, "");
    }
    String reason = new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
    return new CloseStatus(ByteBuffer.wrap(payload).getShort() & 0xffff, reason);
  }

  void send(String text) throws IOException {
    write(TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  void close(int code) throws IOException {
    write(CLOSE, ByteBuffer.allocate(2).putShort((short) code).array());
  }

  /** Ends the connection without a close frame. */
  void drop() {
    try {
      socket.close();
    } catch (IOException e) {
      // It has ended anyway.
    }
  }

  private synchronized void write(int opcode, byte[] payload) throws IOException {
    byte[] mask = new byte[4];
    RANDOM.nextBytes(mask);
    ByteBuffer frame = ByteBuffer.allocate(14 + payload.length).put((byte) (0x80 | opcode));
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else if (payload.length < 1 << 16) {
      frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(payload.length);
    }
    frame.put(mask);
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (payload[i] ^ mask[i % 4]));
    }
    socket.getOutputStream().write(frame.array(), 0, frame.position());
  }
}
