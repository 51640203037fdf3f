// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where endpoints may be: whoever may create a webhook must not reach what only the gateway can. Never the machine itself by its any-address,
 * its link or a group of machines, nor where clouds give out the credentials of a machine.
 *
 * @param denied networks besides those
 */
record AddressPolicy(List<Network> denied) {
  static final List<Network> LOOPBACK = Stream.of("127.0.0.0/8", "::1/128").map(Network::parse).toList();

  private static final List<Network> NEVER = Stream.of(
      // This host, link-local with the metadata of most clouds, multicast, and what is kept for later with broadcast.
      "0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/128", "fe80::/10", "ff00::/8",
      // Metadata elsewhere: of Alibaba Cloud, Azure, Oracle Cloud, and Amazon's by IPv6.
      "100.100.100.200/32", "168.63.129.16/32", "192.0.0.192/32", "fd00:ec2::254/128").map(Network::parse).toList();
  // What has an address of IPv4 in its last bytes: mapped (which Java has mostly as IPv4, but not always), compatible, NAT64.
  private static final List<Network> EMBEDDING = Stream.of("::ffff:0:0/96", "::/96", "64:ff9b::/96").map(Network::parse)
      .toList();
  private static final Network SIX_TO_FOUR = Network.parse("2002::/16");
  private static final Network LOOPBACK_6 = Network.parse("::1/128");

  /** Copies the list. */
  AddressPolicy {
    denied = List.copyOf(denied);
  }

  /** Whether an endpoint may have this address. */
  boolean allows(InetAddress address) {
    return allows(address.getAddress());
  }

  private boolean allows(byte[] address) {
    if (Stream.concat(NEVER.stream(), denied.stream()).anyMatch(network -> network.contains(address))) {
      return false;
    }
    if (!LOOPBACK_6.contains(address) && EMBEDDING.stream().anyMatch(network -> network.contains(address))) {
      return allows(Arrays.copyOfRange(address, 12, 16));
    }
    return !SIX_TO_FOUR.contains(address) || allows(Arrays.copyOfRange(address, 2, 6));
  }
}
