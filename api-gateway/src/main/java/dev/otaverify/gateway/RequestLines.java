// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.api.Percent;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import reactor.netty.NettyPipeline;
import reactor.netty.http.server.HttpServer;

/**
 * Lets requests through that the HTTP server would refuse with an empty answer, so that they are refused as all others are: one whose
 * query is no part of a URI, such as one with a broken escape, and one that is no HTTP or has too long a head.
 */
@Sharable
final class RequestLines extends ChannelInboundHandlerAdapter implements NettyServerCustomizer {
  private static final String QUERY = "ota-raw-query";
  private static final String UNREADABLE = "ota-unreadable";

  /** The query as it came; null if there is none. */
  static @Nullable String query(Map<String, String> headers, URI uri) {
    @Nullable
    String raw = headers.get(QUERY);
    return raw == null ? uri.getRawQuery() : Percent.decode(raw);
  }

  /** Refuses what could not be read as HTTP. */
  static void check(Map<String, String> headers) {
    switch (headers.getOrDefault(UNREADABLE, "")) {
      case "" -> {
        // It could.
      }
      case "line" -> throw new GatewayException(414, "RequestURITooLong",
          "request line: too long (expected: 64 KiB or less; parameters may be in a form in the body)", "");
      case "headers" -> throw new GatewayException(431, "RequestHeaderFieldsTooLarge",
          "headers: too long (expected: 64 KiB or less)", "");
      default -> throw GatewayException.badRequest("BadRequest", "request: not HTTP/1.1 (expected: HTTP/1.1)");
    }
  }

  @Override
  public HttpServer apply(HttpServer server) {
    return server.doOnChannelInit(
        (observer, channel, address) -> channel.pipeline().addAfter(NettyPipeline.HttpCodec, "requestLines", this));
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (message instanceof HttpRequest request && request.decoderResult().isFailure()) {
      // Nothing follows it.
      var cause = request.decoderResult().cause();
      ReferenceCountUtil.release(request);
      context.fireChannelRead(unreadable(cause));
      context.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
    } else {
      context.fireChannelRead(message instanceof HttpRequest request ? readable(request) : message);
    }
  }

  private static HttpRequest unreadable(Throwable cause) {
    var replacement = new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
    replacement.headers().set(UNREADABLE, switch (cause) {
      case TooLongHttpLineException line -> "line";
      case TooLongHttpHeaderException headers -> "headers";
      default -> "request";
    }).set("host", "").set("connection", "close");
    return replacement;
  }

  private static HttpRequest readable(HttpRequest request) {
    request.headers().remove(QUERY).remove(UNREADABLE);
    var uri = request.uri();
    int question = uri.indexOf('?');
    if (question >= 0 && !isUri(uri)) {
      request.headers().set(QUERY, Percent.encode(uri.substring(question + 1)));
      request.setUri(uri.substring(0, question));
    }
    return request;
  }

  private static boolean isUri(String text) {
    try {
      return new URI(text).getRawQuery() != null;
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
