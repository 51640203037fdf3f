// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import com.codahale.metrics.Counter;
import com.codahale.metrics.MetricRegistry;
import com.hivemq.extension.sdk.api.async.TimeoutFallback;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthInput;
import com.hivemq.extension.sdk.api.auth.parameter.SimpleAuthOutput;
import com.hivemq.extension.sdk.api.auth.parameter.TopicPermission;
import com.hivemq.extension.sdk.api.packets.auth.DefaultAuthorizationBehaviour;
import com.hivemq.extension.sdk.api.packets.connect.ConnackReasonCode;
import com.hivemq.extension.sdk.api.services.builder.Builders;
import dev.otaverify.contracts.DeviceId;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets in devices that prove their secret, and the dispatcher. Nobody else: every path ends in an answer, none in "let
 * the next one decide".
 */
final class Login implements SimpleAuthenticator {
  private static final Logger log = LoggerFactory.getLogger(Login.class);
  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  private final BrokerConfig config;
  private final Credentials credentials;
  private final BooleanSupplier ready;
  private final FailedLogins failedLogins;
  private final Map<Outcome, Counter> counters = new EnumMap<>(Outcome.class);

  /** What became of a device's login. */
  enum Outcome {
    ACCEPTED,
    /** Wrong credentials, or the device is disabled. */
    REFUSED,
    /** Not looked at: too many failed before it. */
    SLOWED,
    /** Not decided, since Kafka or job-service is away. */
    UNAVAILABLE;

    /** The name of its counter. */
    String metric() {
      return "dev.otaverify.logins." + name().toLowerCase(Locale.ROOT) + ".count";
    }
  }

  /** @param ready whether devices can be let in: what they report can be taken, and what happens to them is heard */
  Login(BrokerConfig config, Credentials credentials, BooleanSupplier ready, FailedLogins failedLogins,
      MetricRegistry metrics) {
    this.config = config;
    this.credentials = credentials;
    this.ready = ready;
    this.failedLogins = failedLogins;
    for (var outcome : Outcome.values()) {
      counters.put(outcome, metrics.counter(outcome.metric()));
    }
  }

  @Override
  public void onConnect(SimpleAuthInput input, SimpleAuthOutput output) {
    var connect = input.getConnectPacket();
    var userName = connect.getUserName().orElse("");
    var password = connect.getPassword().map(Login::bytes).orElseGet(() -> new byte[0]);
    if (userName.equals(config.serviceUser())) {
      loginService(password, output);
      return;
    }
    var notes = new ConnectionNotes(input.getConnectionInformation());
    var login = notes.sentClientId().flatMap(clientId -> DeviceLogin.of(userName, clientId));
    var who = new FailedLogins.Who(notes.connection().getInetAddress().map(InetAddress::getHostAddress).orElse(""),
        userName);
    if (!failedLogins.mayTry(who)) {
      count(Outcome.SLOWED);
      refuse(output, ConnackReasonCode.SERVER_UNAVAILABLE, "too many failed logins");
    } else if (!ready.getAsBoolean()) {
      count(Outcome.UNAVAILABLE);
      refuse(output, ConnackReasonCode.SERVER_UNAVAILABLE, "reports cannot be taken");
    } else if (login.isEmpty()) {
      failedLogins.failed(who);
      count(Outcome.REFUSED);
      refuse(output, ConnackReasonCode.BAD_USER_NAME_OR_PASSWORD, "not a device's login");
    } else {
      loginDevice(login.get(), password, notes, who, output);
    }
  }

  private void loginService(byte[] password, SimpleAuthOutput output) {
    if (MessageDigest.isEqual(password, config.servicePassword().getBytes(StandardCharsets.UTF_8))) {
      output.getDefaultPermissions().setDefaultBehaviour(DefaultAuthorizationBehaviour.ALLOW);
      output.authenticateSuccessfully();
    } else {
      log.warn("the service login was tried with a wrong password");
      refuse(output, ConnackReasonCode.BAD_USER_NAME_OR_PASSWORD, "wrong password");
    }
  }

  private void loginDevice(DeviceLogin login, byte[] password, ConnectionNotes notes, FailedLogins.Who who,
      SimpleAuthOutput output) {
    var async = output.async(TIMEOUT, TimeoutFallback.FAILURE, ConnackReasonCode.SERVER_UNAVAILABLE);
    long began = System.nanoTime();
    var unused = credentials.find(login.device()).thenAccept(found -> {
      if (decide(login, password, found, async.getOutput())) {
        notes.accepted(login, began);
        failedLogins.succeeded(who);
        count(Outcome.ACCEPTED);
      } else {
        failedLogins.failed(who);
        count(Outcome.REFUSED);
      }
    }).whenComplete((decided, failure) -> {
      if (failure != null) {
        // It is in the log already, and nothing that the device did wrong.
        count(Outcome.UNAVAILABLE);
        refuse(async.getOutput(), ConnackReasonCode.SERVER_UNAVAILABLE, "credentials cannot be checked");
      }
      async.resume();
    });
  }

  private void count(Outcome outcome) {
    Objects.requireNonNull(counters.get(outcome)).inc();
  }

  private static boolean decide(DeviceLogin login, byte[] password, Optional<Credentials.Credential> found,
      SimpleAuthOutput output) {
    if (found.isEmpty() || !login.isSignedWith(found.get().deviceSecret(), password)) {
      // The same answer for both, so that names of devices cannot be found out by trying.
      refuse(output, ConnackReasonCode.BAD_USER_NAME_OR_PASSWORD, "wrong signature");
      return false;
    } else if (!found.get().enabled()) {
      refuse(output, ConnackReasonCode.NOT_AUTHORIZED, "device is disabled");
      return false;
    }
    permit(login.device(), output);
    output.authenticateSuccessfully();
    return true;
  }

  private static void permit(DeviceId device, SimpleAuthOutput output) {
    var permissions = output.getDefaultPermissions();
    permissions.setDefaultBehaviour(DefaultAuthorizationBehaviour.DENY);
    var topics = new DeviceTopics(device);
    permit(topics.publishable(), TopicPermission.MqttActivity.PUBLISH, output);
    permit(topics.subscribable(), TopicPermission.MqttActivity.SUBSCRIBE, output);
    permit(topics.own(), TopicPermission.MqttActivity.ALL, output);
  }

  private static void permit(List<String> topics, TopicPermission.MqttActivity activity, SimpleAuthOutput output) {
    for (var topic : topics) {
      output.getDefaultPermissions()
          .add(Builders.topicPermission().topicFilter(topic).activity(activity)
              .type(TopicPermission.PermissionType.ALLOW).qos(TopicPermission.Qos.ALL)
              .retain(TopicPermission.Retain.NOT_RETAINED)
              .sharedSubscription(TopicPermission.SharedSubscription.NOT_SHARED).build());
    }
  }

  private static void refuse(SimpleAuthOutput output, ConnackReasonCode code, String reason) {
    output.failAuthentication(code, reason);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    var bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
