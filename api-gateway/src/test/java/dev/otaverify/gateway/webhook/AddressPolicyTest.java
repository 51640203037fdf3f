// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.otaverify.gateway.api.RefusedException;
import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressPolicyTest {
  private static final AddressPolicy USUAL = new AddressPolicy(AddressPolicy.LOOPBACK);
  private static final AddressPolicy ON_ONE_MACHINE = new AddressPolicy(List.of());

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "0.1.2.3", "169.254.169.254", "169.254.170.2", "224.0.0.1", "239.255.255.255",
      "255.255.255.255", "240.0.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "::", "fe80::1", "febf::1",
      "ff02::1", "fd00:ec2::254", "::ffff:169.254.169.254", "::169.254.169.254", "64:ff9b::a9fe:a9fe",
      "2002:a9fe:a9fe::1"})
  void whereCredentialsOfTheMachineOrItsLinkAreNoEndpointMayEverBe(String address) throws Exception {
    assertThat(ON_ONE_MACHINE.allows(InetAddress.getByName(address))).isFalse();
    assertThat(USUAL.allows(InetAddress.getByName(address))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.255.0.1", "::1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
      "2002:7f00:1::"})
  void theMachineItselfIsAllowedOnlyIfThatIsConfigured(String address) throws Exception {
    assertThat(USUAL.allows(InetAddress.getByName(address))).isFalse();
    assertThat(ON_ONE_MACHINE.allows(InetAddress.getByName(address))).isTrue();
  }

  @Test
  void anAddressOfIpv4ThatIsMappedIsThatAddress() throws Exception {
    // What Netty makes of a literal; InetAddress.getByName would make it one of IPv4.
    var metadata = Inet6Address.getByAddress("mapped",
        NetUtil.createByteArrayFromIpAddressString("::ffff:169.254.169.254"),
        0);
    var loopback = Inet6Address.getByAddress("mapped", NetUtil.createByteArrayFromIpAddressString("::ffff:127.0.0.1"),
        0);

    assertThat(ON_ONE_MACHINE.allows(metadata)).isFalse();
    assertThat(USUAL.allows(loopback)).isFalse();
    assertThat(ON_ONE_MACHINE.allows(loopback)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.1.2.3", "192.168.1.1", "172.16.0.1", "100.64.0.1", "8.8.8.8", "223.255.255.255",
      "2001:db8::1", "fd12::1", "fec0::1"})
  void otherAddressesAreAllowed(String address) throws Exception {
    assertThat(USUAL.allows(InetAddress.getByName(address))).isTrue();
  }

  @Test
  void furtherNetworksMayBeDenied() throws Exception {
    var policy = new AddressPolicy(List.of(Network.parse("10.0.0.0/9"), Network.parse("fd00::/8")));

    assertThat(policy.allows(InetAddress.getByName("10.127.255.255"))).isFalse();
    assertThat(policy.allows(InetAddress.getByName("10.128.0.0"))).isTrue();
    assertThat(policy.allows(InetAddress.getByName("fdff::1"))).isFalse();
    assertThat(policy.allows(InetAddress.getByName("fc00::1"))).isTrue();
    assertThat(Network.parse("0.0.0.0/0").contains(InetAddress.getByName("8.8.8.8").getAddress())).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "host/8", "/8", "::/129",
      "10.0.0.0/8 "})
  void whatIsNoNetworkIsRefused(String text) {
    assertThatThrownBy(() -> Network.parse(text)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("ota.webhooks.denied-networks: " + text + " (expected: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://host/", "http:///path", "//host/", "host", "http://user:pa55@host/", "http://host/#f",
      "http://host:0/", "http://host:65536/", "http://ho st/", "http://127.0.0.1/", "http://LOCALHOST:8080/",
      "http://[::1]/", "https://169.254.169.254/latest", "http://[::ffff:a9fe:a9fe]/", "http://0.0.0.0/"})
  void whatIsNoUrlOfAnEndpointIsRefusedByNameWithoutWhatMayBeSecret(String url) {
    assertThatThrownBy(() -> TargetUrl.check(url, USUAL)).isInstanceOf(RefusedException.class)
        .hasMessageStartingWith("iot.ota.InvalidWebhookUrl: Url: ").hasMessageContaining("(expected: ")
        .hasMessageNotContaining("pa55");
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://host", "https://hooks.example.com/a?token=1", "HTTP://10.0.0.1:8080/x",
      "http://[fd00::1]:80/"})
  void aUrlOfAnEndpointIsTakenAsItIs(String url) {
    assertThat(TargetUrl.check(url, USUAL)).isEqualTo(url);
  }

  @Test
  void whatIsShownOfAUrlIsWhereItLeadsTo() {
    assertThat(TargetUrl.masked("https://hooks.example.com:8443/secret/path?token=1"))
        .isEqualTo("https://hooks.example.com:8443/…");
    assertThat(TargetUrl.masked("no url")).isEqualTo("(not shown)");
  }
}
