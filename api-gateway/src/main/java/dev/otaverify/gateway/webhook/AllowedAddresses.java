// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.webhook;

import io.netty.resolver.AbstractAddressResolver;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;

/**
 * Resolves the host of an endpoint when it is connected to, and gives out only addresses that are allowed: a name may mean another address
 * than when the webhook was created. An address in place of a name comes by here as well.
 */
final class AllowedAddresses extends AddressResolverGroup<InetSocketAddress> {
  private final AddressPolicy policy;
  private final ExecutorService lookups;

  /** @param lookups where the system is asked, which may block */
  AllowedAddresses(AddressPolicy policy, ExecutorService lookups) {
    this.policy = policy;
    this.lookups = lookups;
  }

  /** None of the addresses of the host is allowed. */
  static final class RefusedAddressException extends UnknownHostException {
    private static final long serialVersionUID = 1L;

    RefusedAddressException(String host) {
      super(host + ": its address is not allowed for webhooks");
    }
  }

  @Override
  protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
    return new AbstractAddressResolver<>(executor, InetSocketAddress.class) {
      @Override
      protected boolean doIsResolved(InetSocketAddress address) {
        // Else it would be connected to without a look at it.
        return false;
      }

      @Override
      protected void doResolve(InetSocketAddress unresolved, Promise<InetSocketAddress> promise) {
        inBackground(promise, () -> allowed(unresolved).getFirst());
      }

      @Override
      protected void doResolveAll(InetSocketAddress unresolved, Promise<List<InetSocketAddress>> promise) {
        inBackground(promise, () -> allowed(unresolved));
      }
    };
  }

  private interface Lookup<T> {
    T get() throws UnknownHostException;
  }

  private <T> void inBackground(Promise<T> promise, Lookup<T> lookup) {
    try {
      lookups.execute(() -> {
        try {
          promise.trySuccess(lookup.get());
        } catch (UnknownHostException | RuntimeException e) {
          promise.tryFailure(e);
        }
      });
    } catch (RejectedExecutionException busy) {
      promise.tryFailure(new UnknownHostException("too many names are being looked up"));
    }
  }

  private List<InetSocketAddress> allowed(InetSocketAddress address) throws UnknownHostException {
    var host = address.getHostString();
    var known = address.getAddress();
    var found = known == null ? InetAddress.getAllByName(host) : new InetAddress[]{known};
    var allowed = Stream.of(found).filter(policy::allows).map(one -> new InetSocketAddress(one, address.getPort()))
        .toList();
    if (allowed.isEmpty()) {
      throw new RefusedAddressException(host);
    }
    return allowed;
  }
}
