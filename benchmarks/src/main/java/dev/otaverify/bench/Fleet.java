// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import dev.otaverify.contracts.DeviceId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ProductKey;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.pool.InstrumentedPool;
import reactor.pool.PoolBuilder;

/** Devices that stay connected, in groups of ten: each group is in one verification at a time. */
final class Fleet implements AutoCloseable {
  private static final int DEVICES_OF_A_JOB = 10;
  private static final int CONNECTED_WITHIN_SECONDS = 60;

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final List<Group> groups;
  private final InstrumentedPool<Group> free;

  /** Ten devices. */
  static final class Group {
    private final List<Device> devices;
    private final AtomicInteger open = new AtomicInteger();
    private volatile Sinks.One<Long> last = Sinks.one();

    Group(List<DeviceId> ids) {
      devices = ids.stream().map(id -> new Device(id, this::upgraded)).toList();
    }

    List<DeviceId> ids() {
      return devices.stream().map(Device::id).toList();
    }

    /**
     * To be called before they are told of a version.
     *
     * @return done when the last of them has sent it; that moment, of {@link System#nanoTime()}
     */
    Mono<Long> lastReport() {
      Sinks.One<Long> next = Sinks.one();
      open.set(devices.size());
      last = next;
      return next.asMono();
    }

    private void upgraded() {
      if (open.decrementAndGet() == 0) {
        last.tryEmitValue(System.nanoTime());
      }
    }
  }

  private Fleet(List<Group> groups) {
    this.groups = groups;
    var untouched = new ConcurrentLinkedQueue<>(groups);
    this.free = PoolBuilder.from(Mono.fromSupplier(untouched::remove)).sizeBetween(0, groups.size()).buildPool();
  }

  /** The devices of so many jobs at a time. */
  static List<DeviceId> ids(String product, int jobs) {
    return IntStream.range(0, jobs * DEVICES_OF_A_JOB)
        .mapToObj(i -> new DeviceId(new ProductKey(product), new DeviceName("verify-%05d".formatted(i)))).toList();
  }

  /** Connects devices to the broker at this port; returns when all have reported their version. */
  static Fleet connect(int port, List<DeviceId> ids) throws InterruptedException {
    var groups = new ArrayList<Group>();
    for (int i = 0; i < ids.size(); i += DEVICES_OF_A_JOB) {
      groups.add(new Group(ids.subList(i, i + DEVICES_OF_A_JOB)));
    }
    var fleet = new Fleet(groups);
    try {
      fleet.connect(port);
      return fleet;
    } catch (ExecutionException | TimeoutException e) {
      fleet.close();
      throw new IllegalStateException("devices: not all on line (expected: " + ids.size() + ")", e);
    }
  }

  private void connect(int port) throws InterruptedException, ExecutionException, TimeoutException {
    var bootstrap = new Bootstrap().group(loop).channel(NioSocketChannel.class).option(ChannelOption.TCP_NODELAY, true)
        .remoteAddress("127.0.0.1", port);
    for (var device : devices().toList()) {
      var unused = bootstrap.clone().handler(new ChannelInitializer<Channel>() {
        @Override
        protected void initChannel(Channel channel) {
          channel.pipeline().addLast(MqttEncoder.INSTANCE, new MqttDecoder(), device);
        }
      }).connect().addListener((ChannelFutureListener) connected -> {
        if (!connected.isSuccess()) {
          device.informed().completeExceptionally(connected.cause());
        }
      });
    }
    CompletableFuture.allOf(devices().map(Device::informed).toArray(CompletableFuture<?>[]::new))
        .get(CONNECTED_WITHIN_SECONDS, TimeUnit.SECONDS);
  }

  private Stream<Device> devices() {
    return groups.stream().flatMap(group -> group.devices.stream());
  }

  /** Does this with ten devices, as soon as ten are free. */
  <T> Mono<T> with(Function<Group, Mono<T>> work) {
    return free.withPoolable(work::apply).single();
  }

  @Override
  public void close() {
    var unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
