// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.Topics;
import dev.otaverify.jobservice.credentials.SecretGenerator;
import dev.otaverify.kit.unit.Subscription;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Lets the handler work through the commands. */
@Configuration(proxyBeanMethods = false)
class CommandConfiguration {
  @Bean
  Subscription<Command> jobServiceCommands(JobServiceProperties properties) {
    return new Subscription<>("job-service", Topics.COMMANDS, Command.class,
        new CommandHandler(properties.answerRetention(), SecretGenerator.random(), Clock.systemUTC()));
  }
}
