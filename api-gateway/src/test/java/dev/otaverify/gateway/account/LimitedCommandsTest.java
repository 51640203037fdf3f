// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.Command.ClientCommand;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareFile;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.FirmwareSpec;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.query.FirmwareStatus;
import dev.otaverify.contracts.query.FirmwareView;
import dev.otaverify.gateway.auth.Caller;
import dev.otaverify.gateway.auth.Permissions;
import dev.otaverify.gateway.operation.NotFound;
import dev.otaverify.gateway.operation.Views;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class LimitedCommandsTest {
  private static final AccountId ACCOUNT = new AccountId("acme");
  private static final CommandId ID = CommandId.of("k", "n");
  private static final ProductKey MINE = ProductKey.of(CommandId.of("k", "mine"));
  private static final ProductKey OTHERS = ProductKey.of(CommandId.of("k", "others"));
  private static final FirmwareId MY_FIRMWARE = FirmwareId.of(CommandId.of("k", "mine"));
  private static final FirmwareId OTHER_FIRMWARE = FirmwareId.of(CommandId.of("k", "others"));
  private static final FirmwareId DELETED = FirmwareId.of(CommandId.of("k", "deleted"));
  private static final Instant NOW = Instant.parse("2026-11-23T14:38:59Z");
  private static final Caller LIMITED = new Caller(ACCOUNT, new Permissions(null, Set.of(MINE)), ID, "f".repeat(64),
      "00-trace");

  private final List<ClientCommand> sent = new ArrayList<>();
  private final LimitedCommands commands = new LimitedCommands((command, caller) -> {
    sent.add(command);
    return Mono.just(NOW);
  }, views());

  @Test
  void whatIsAboutVisibleProductsIsSent() {
    var allowed = List.of(verify(MINE, MY_FIRMWARE), new Command.DeleteFirmware(ACCOUNT, MY_FIRMWARE),
        // Perhaps by this very request, which then gets its answer again.
        new Command.DeleteFirmware(ACCOUNT, DELETED), new Command.DeleteProduct(ACCOUNT, MINE));

    allowed.forEach(command -> assertThat(commands.send(command, LIMITED).block()).isEqualTo(NOW));

    assertThat(sent).isEqualTo(allowed);
  }

  @Test
  void whatIsAboutOthersDoesNotExist() {
    for (var command : List.of(verify(OTHERS, OTHER_FIRMWARE), new Command.DeleteProduct(ACCOUNT, OTHERS))) {
      assertThatThrownBy(() -> commands.send(command, LIMITED).block())
          .hasMessage(NotFound.product(OTHERS).getMessage());
    }
    for (var command : List.of(verify(MINE, OTHER_FIRMWARE), new Command.DeleteFirmware(ACCOUNT, OTHER_FIRMWARE))) {
      assertThatThrownBy(() -> commands.send(command, LIMITED).block())
          .hasMessage(NotFound.firmware(OTHER_FIRMWARE).getMessage());
    }
    assertThat(sent).isEmpty();
  }

  @Test
  void whoIsNotLimitedSendsWithoutAQuestion() {
    var all = new Caller(ACCOUNT, Permissions.ALL, ID, "f".repeat(64), "00-trace");

    commands.send(verify(OTHERS, OTHER_FIRMWARE), all).block();

    assertThat(sent).hasSize(1);
  }

  private static ClientCommand verify(ProductKey product, FirmwareId firmware) {
    return new Command.CreateVerifyJob(ACCOUNT, firmware, JobId.of(firmware, ID), product,
        List.of(new DeviceName("device-1")), Duration.ofMinutes(1), true, false, List.of());
  }

  private static Views views() {
    return (Views) Proxy.newProxyInstance(Views.class.getClassLoader(), new Class<?>[]{Views.class},
        (proxy, method, arguments) -> {
          var id = (FirmwareId) arguments[0];
          return id.equals(DELETED)
              ? Mono.error(NotFound.firmware(id))
              : Mono.just(firmware(id, id.equals(MY_FIRMWARE) ? MINE : OTHERS));
        });
  }

  private static FirmwareView firmware(FirmwareId id, ProductKey product) {
    var spec = new FirmwareSpec(product, ModuleName.DEFAULT, "firmware", "2.0.0", null, FirmwareSpec.Type.FULL,
        new FirmwareFile("key", "https://example.com/f", 7, "0".repeat(32), "0".repeat(64),
            FirmwareFile.SignMethod.MD5),
        true, null, null);
    return new FirmwareView(id, spec, "product", FirmwareStatus.UNVERIFIED, 0, NOW, NOW);
  }
}
