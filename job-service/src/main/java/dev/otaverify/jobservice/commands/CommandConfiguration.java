// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.jobservice.commands;

import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.Topics;
import dev.otaverify.jobservice.credentials.SecretGenerator;
import dev.otaverify.kit.retention.Kept;
import dev.otaverify.kit.unit.Subscription;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Lets the handler work through the commands. */
@Configuration(proxyBeanMethods = false)
class CommandConfiguration {
  @Bean
  Subscription<Command> jobServiceCommands() {
    return new Subscription<>("job-service", Topics.COMMANDS, Command.class,
        new CommandHandler(SecretGenerator.random(), Clock.systemUTC()));
  }

  /** The same request sent again is given the answer as long as this. */
  @Bean
  Kept answers(JobServiceProperties properties) {
    return Kept.rows("answers", properties.answerRetention(), 5_000, "command_answer", "command_id", "decided_at");
  }

  /** Those whose command never came. */
  @Bean
  Kept stagedSecrets(JobServiceProperties properties) {
    return Kept.rows("staged-secrets", properties.answerRetention(), 1_000, "staged_secret", "command_id", "staged_at");
  }

  /** What counts of a job that has ended, its verdict, stands in the firmware's row, too. */
  @Bean
  Kept jobs(JobServiceProperties properties) {
    return Kept.rows("jobs", properties.jobRetention(), 500, "verify_job", "job_id", "concluded_at");
  }
}
