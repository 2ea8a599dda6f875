using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Unstale.Queries;

namespace Adapters.WithMediatR;

public interface IQuery<out TResponse> : IRequest<TResponse>;

public interface ICommand<out TResponse> : IRequest<TResponse>;

/// <summary>Returns cached results. The innermost behavior: a miss calls the handler itself, with services that live as long as the load.</summary>
public sealed class CachedQueries<TQuery, TResponse>(QueryCache queries) : IPipelineBehavior<TQuery, TResponse>
    where TQuery : IQuery<TResponse>
{
    public Task<TResponse> Handle(TQuery request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next) =>
        queries.ExecuteAsync(
            request,
            static (query, load, token) => new ValueTask<TResponse>(load.Services.GetRequiredService<IRequestHandler<TQuery, TResponse>>().Handle(query, token)),
            cancellationToken).AsTask();
}

/// <summary>Invalidates after commands that succeeded. The outermost behavior, so that transactions have been committed.</summary>
public sealed class InvalidatingCommands<TCommand, TResponse>(CommandInvalidation commands) : IPipelineBehavior<TCommand, TResponse>
    where TCommand : ICommand<TResponse>
{
    public Task<TResponse> Handle(TCommand request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next) =>
        commands.ExecuteAsync(request, (_, _) => new ValueTask<TResponse>(next()), cancellationToken).AsTask();
}

/// <summary>Invalidates when an event is published.</summary>
public sealed class InvalidatingEvents<TEvent>(CompositeInvalidationStrategy strategy) : INotificationHandler<TEvent>
    where TEvent : INotification
{
    public async Task Handle(TEvent notification, CancellationToken cancellationToken) => await strategy.InvalidateAsync(notification, cancellationToken);
}
