namespace Unstale.Redis.Channel;

/// <summary>Extensions that invalidate an entity of a predefined type.</summary>
public static class EntityPublisherExtensions
{
    /// <summary>Invalidates a user in all subscribed services.</summary>
    /// <param name="publisher">Publisher of the channel.</param>
    /// <param name="id">Id of the user.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <inheritdoc cref="InvalidationPublisher.PublishAsync(InvalidationMessage, CancellationToken)"/>
    public static ValueTask<long> InvalidateUserAsync(this InvalidationPublisher publisher, string id, CancellationToken cancellationToken = default) =>
        InvalidateAsync(publisher, EntityType.User, id, cancellationToken);

    /// <summary>Invalidates a post in all subscribed services.</summary>
    /// <param name="publisher">Publisher of the channel.</param>
    /// <param name="id">Id of the post.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <inheritdoc cref="InvalidationPublisher.PublishAsync(InvalidationMessage, CancellationToken)"/>
    public static ValueTask<long> InvalidatePostAsync(this InvalidationPublisher publisher, string id, CancellationToken cancellationToken = default) =>
        InvalidateAsync(publisher, EntityType.Post, id, cancellationToken);

    /// <summary>Invalidates a comment in all subscribed services.</summary>
    /// <param name="publisher">Publisher of the channel.</param>
    /// <param name="id">Id of the comment.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <inheritdoc cref="InvalidationPublisher.PublishAsync(InvalidationMessage, CancellationToken)"/>
    public static ValueTask<long> InvalidateCommentAsync(this InvalidationPublisher publisher, string id, CancellationToken cancellationToken = default) =>
        InvalidateAsync(publisher, EntityType.Comment, id, cancellationToken);

    /// <summary>Invalidates a notification in all subscribed services.</summary>
    /// <param name="publisher">Publisher of the channel.</param>
    /// <param name="id">Id of the notification.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <inheritdoc cref="InvalidationPublisher.PublishAsync(InvalidationMessage, CancellationToken)"/>
    public static ValueTask<long> InvalidateNotificationAsync(this InvalidationPublisher publisher, string id, CancellationToken cancellationToken = default) =>
        InvalidateAsync(publisher, EntityType.Notification, id, cancellationToken);

    /// <summary>Invalidates a feed in all subscribed services.</summary>
    /// <param name="publisher">Publisher of the channel.</param>
    /// <param name="id">Id of the feed.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <inheritdoc cref="InvalidationPublisher.PublishAsync(InvalidationMessage, CancellationToken)"/>
    public static ValueTask<long> InvalidateFeedAsync(this InvalidationPublisher publisher, string id, CancellationToken cancellationToken = default) =>
        InvalidateAsync(publisher, EntityType.Feed, id, cancellationToken);

    private static ValueTask<long> InvalidateAsync(InvalidationPublisher publisher, EntityType type, string id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(publisher);
        return publisher.PublishAsync(publisher.Delete(type, id), cancellationToken);
    }
}
