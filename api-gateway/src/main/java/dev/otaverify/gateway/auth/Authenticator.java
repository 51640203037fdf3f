// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.auth;

import dev.otaverify.contracts.CommandId;
import dev.otaverify.gateway.api.ApiRequest;
import dev.otaverify.gateway.api.Digests;
import dev.otaverify.gateway.api.GatewayException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import reactor.core.publisher.Mono;

/** Lets in who signed with a key that is known here. */
public final class Authenticator {
  // Asked in this order; another scheme goes before the one that takes every request.
  private static final List<SignatureScheme> SCHEMES = List.of(new Acs3Scheme(), new HmacSha1Scheme());

  private final AccessKeys keys;
  private final Clock clock;
  private final Duration window;

  /** @param window how far the time of signing may be from now, either way */
  public Authenticator(AccessKeys keys, Clock clock, Duration window) {
    this.keys = keys;
    this.clock = clock;
    this.window = window;
  }

  /**
   * Finds out who calls.
   *
   * @param traceparent the trace that the request belongs to, in the W3C form
   * @return the caller; or a {@link GatewayException}, also thrown, if that is not proved
   */
  public Mono<Caller> authenticate(ApiRequest request, String traceparent) {
    var scheme = SCHEMES.stream().filter(candidate -> candidate.isUsedBy(request)).findFirst()
        .orElseThrow(() -> GatewayException.missing("Signature"));
    var claim = scheme.claim(request);
    var age = Duration.between(claim.signedAt(), clock.instant()).abs();
    if (age.compareTo(window) > 0) {
      throw GatewayException.badRequest("InvalidTimeStamp.Expired",
          scheme.timestampName() + ": " + claim.signedAt() + " (expected: within " + window.toMinutes() + " minutes of "
              + clock.instant() + ")");
    }
    return keys.find(claim.accessKeyId())
        .switchIfEmpty(Mono.error(() -> new GatewayException(404, "InvalidAccessKeyId.NotFound",
            "Specified access key is not found.", "")))
        .map(known -> caller(known, scheme, claim, traceparent));
  }

  private static Caller caller(KnownKey known, SignatureScheme scheme, SignatureScheme.Claim claim,
      String traceparent) {
    var key = known.key();
    if (!known.enabled()) {
      throw GatewayException.badRequest("InvalidAccessKeyId.Inactive", "Specified access key is disabled.");
    }
    for (var stringToSign : claim.stringsToSign()) {
      if (isSame(scheme.sign(key.secret(), stringToSign), claim.signature())) {
        return new Caller(key.account(), known.permissions(), CommandId.of(key.id(), claim.nonce()),
            fingerprint(stringToSign, claim.signature()), traceparent);
      }
    }
    // A client that finds its own string at the end of the message tells its user that the secret is wrong.
    throw GatewayException.badRequest("SignatureDoesNotMatch",
        "Specified signature is not matched with our calculation. server string to sign is:"
            + claim.stringsToSign().getFirst());
  }

  private static boolean isSame(String expected, String given) {
    return MessageDigest.isEqual(expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }

  private static String fingerprint(String stringToSign, String signature) {
    return Digests.sha256((stringToSign + "\n" + signature).getBytes(StandardCharsets.UTF_8));
  }
}
