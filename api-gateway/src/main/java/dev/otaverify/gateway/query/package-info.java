/** What the gateway asks other services over HTTP: views of status-aggregator, secrets and files in use of job-service. */
@NullMarked
package dev.otaverify.gateway.query;

import org.jspecify.annotations.NullMarked;
