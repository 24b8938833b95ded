package io.github.ivschatlocal;

/**
 * A room that {@link IvsChat#room()} has created.
 *
 * @param arn its ARN, which names the room in all calls
 * @param id its ID, the last part of the ARN
 * @param name its name, or ""
 */
public record Room(String arn, String id, String name) {}
