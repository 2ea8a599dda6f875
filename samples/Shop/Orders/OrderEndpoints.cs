using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Http;

namespace Shop.Orders;

/// <summary>Endpoints of orders, with queries, commands and an event.</summary>
internal static class OrderEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var orders = routes.MapGroup("/orders").WithTags("Orders");
        orders.MapPost("", CreateAsync).WithSummary("Order a product: its event makes the lists true")
            .Produces<OrderAnswer>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).TakesBody();
        orders.MapGet("", ListAsync).WithSummary("The last hundred orders, of one customer or of all, the newest first")
            .Produces<OrderAnswer[]>().ProducesProblem(StatusCodes.Status400BadRequest);
        orders.MapGet("/{id}", GetAsync).WithSummary("An order")
            .Produces<OrderAnswer>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        orders.MapDelete("/{id}", CancelAsync).WithSummary("Cancel an order: the command makes the lists true")
            .Produces<MessageAnswer>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> CreateAsync(NewOrder? order, IOrderCommands orders, CancellationToken cancellationToken)
    {
        if (order is null)
            return Answers.BadRequest("A JSON object with product_id, quantity and customer is needed as the body.");

        if (order.FindFault() is { } fault)
            return Answers.BadRequest(fault);

        return await orders.CreateAsync(order.ToCommand(), cancellationToken) is { } created
            ? TypedResults.Created($"/orders/{created.Id}", OrderAnswer.Of(created, cached: false))
            : Answers.ProductNotFound();
    }

    private static async Task<IResult> ListAsync(string? customer, OrderQueries orders, HttpContext http, CancellationToken cancellationToken)
    {
        if (http.Request.Query["customer"].Count > 1)
            return Answers.BadRequest("The customer is in the address more than once.");

        if (customer is not null && NewOrder.FindFault(customer) is { } fault)
            return Answers.BadRequest(fault);

        var read = await orders.ListAsync(new(customer), cancellationToken);
        var cached = Answers.Note(http, read.Outcome);
        return TypedResults.Ok(read.Value.Orders.Select(order => OrderAnswer.Of(order, cached)).ToArray());
    }

    private static async Task<IResult> GetAsync(long id, OrderQueries orders, HttpContext http, CancellationToken cancellationToken)
    {
        var read = await orders.GetAsync(new(id), cancellationToken);
        return read.Value is { } order ? TypedResults.Ok(OrderAnswer.Of(order, Answers.Note(http, read.Outcome))) : NotFound();
    }

    private static async Task<IResult> CancelAsync(long id, IOrderCommands orders, CancellationToken cancellationToken) =>
        await orders.CancelAsync(new(id), cancellationToken) ? Answers.Message("Order cancelled") : NotFound();

    private static ProblemHttpResult NotFound() => Answers.NotFound("Order not found");
}
