// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.mqttbroker;

import java.util.concurrent.CountDownLatch;

/** The broker as a process of its own, configured as {@link BrokerConfig#fromEnvironment} says. */
public final class MqttBroker {
  private static final String LOGGING = "logback.configurationFile";

  private MqttBroker() {}

  /** Runs until the process is told to end; prints one line, {@code ready mqtt host:port}, when devices can connect. */
  public static void main(String[] args) throws InterruptedException {
    if (System.getProperty(LOGGING) == null) {
      System.setProperty(LOGGING, "dev/otaverify/mqttbroker/logback.xml");
    }
    var broker = EmbeddedBroker.start(BrokerConfig.fromEnvironment(System.getenv()));
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("ota-stop").unstarted(broker::close));
    System.out.println("ready mqtt " + broker.host() + ":" + broker.port());
    new CountDownLatch(1).await();
  }
}
