using Mediator;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Queries;

namespace Adapters.WithMediator;

/// <summary>Returns cached results. The innermost behavior: a miss calls the handler itself, with services that live as long as the load.</summary>
public sealed class CachedQueries<TQuery, TResponse>(QueryCache queries) : IPipelineBehavior<TQuery, TResponse>
    where TQuery : IQuery<TResponse>
{
    public ValueTask<TResponse> Handle(TQuery message, MessageHandlerDelegate<TQuery, TResponse> next, CancellationToken cancellationToken) =>
        queries.ExecuteAsync(
            message,
            static (query, load, token) => load.Services.GetRequiredService<IQueryHandler<TQuery, TResponse>>().Handle(query, token),
            cancellationToken);
}

/// <summary>Invalidates after commands that succeeded. The outermost behavior, so that transactions have been committed.</summary>
public sealed class InvalidatingCommands<TCommand, TResponse>(CommandInvalidation commands) : IPipelineBehavior<TCommand, TResponse>
    where TCommand : ICommand<TResponse>
{
    public ValueTask<TResponse> Handle(TCommand message, MessageHandlerDelegate<TCommand, TResponse> next, CancellationToken cancellationToken) =>
        commands.ExecuteAsync(message, (command, token) => next(command, token), cancellationToken);
}

/// <summary>Invalidates when an event is published.</summary>
public sealed class InvalidatingEvents<TEvent>(CompositeInvalidationStrategy strategy) : INotificationHandler<TEvent>
    where TEvent : INotification
{
    public async ValueTask Handle(TEvent notification, CancellationToken cancellationToken) =>
        await strategy.InvalidateAsync(notification, cancellationToken);
}
