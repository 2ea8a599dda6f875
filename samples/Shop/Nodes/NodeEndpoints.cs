using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Data;
using Shop.Http;

namespace Shop.Nodes;

/// <summary>Endpoints of the comparison: writes on one node, and the answers of all. For development only.</summary>
internal static class NodeEndpoints
{
    private const string Tag = "Nodes";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/nodes/products/{id}", CompareAsync).ReadsNodes("The answers of every cache of both nodes, compared with the database").Produces<ComparisonAnswer>();
        routes.MapGet("/nodes/products/{id}/table", TableAsync).ReadsNodes("The same answers as a table").Produces<string>(contentType: "text/plain");
        routes.MapPut("/nodes/{node}/products/{id}", UpdateAsync)
            .Writes(Tag, "Update a product on node a or b", typeof(ComparisonAnswer)).TakesBody();
        routes.MapPut("/nodes/database/products/{id}", UpdateUnreportedAsync)
            .Writes(Tag, "Update a product in the database without a report to any cache", typeof(ComparisonAnswer)).TakesBody();
        routes.MapDelete("/nodes/answers", static (AnswerLedger ledger) =>
        {
            ledger.Clear();
            return Answers.Message("Counts of answers reset");
        }).WithTags(Tag).WithSummary("Reset the counts of answers");
    }

    private static RouteHandlerBuilder ReadsNodes(this RouteHandlerBuilder endpoint, string summary) =>
        endpoint.WithTags(Tag).WithSummary(summary)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);

    private static Task<IResult> CompareAsync(long id, Comparison comparison, CancellationToken cancellationToken) =>
        AnswerAsync(id, loads: false, comparison, cancellationToken);

    private static async Task<IResult> AnswerAsync(long id, bool loads, Comparison comparison, CancellationToken cancellationToken) =>
        await comparison.ReadAsync(id, loads, cancellationToken) is { } answer ? TypedResults.Ok(answer) : Answers.ProductNotFound();

    private static async Task<IResult> TableAsync(long id, Comparison comparison, CancellationToken cancellationToken) =>
        await comparison.ReadAsync(id, loads: false, cancellationToken) is { } answer ? TypedResults.Text(ComparisonTable.Format(answer)) : Answers.ProductNotFound();

    private static async Task<IResult> UpdateAsync(
        string node, long id, ProductChange change, Comparison comparison, CancellationToken cancellationToken)
    {
        if (change.FindFault() is { } fault)
            return Answers.BadRequest(fault);

        if (comparison.Nodes.FirstOrDefault(known => known.Name == node) is not { } writer)
            return NoNode(comparison);

        return await comparison.WriteAsync(writer, id, change, cancellationToken)
            ? await AnswerAsync(id, loads: true, comparison, CancellationToken.None)
            : Answers.ProductNotFound();
    }

    private static async Task<IResult> UpdateUnreportedAsync(
        long id, ProductChange change, Comparison comparison, CancellationToken cancellationToken)
    {
        if (change.FindFault() is { } fault)
            return Answers.BadRequest(fault);

        return await comparison.WriteUnreportedAsync(id, change, cancellationToken)
            ? await AnswerAsync(id, loads: true, comparison, CancellationToken.None)
            : Answers.ProductNotFound();
    }

    private static ProblemHttpResult NoNode(Comparison comparison) =>
        Answers.NotFound($"There is no such node. The nodes are {string.Join(" and ", comparison.Nodes.Select(static known => known.Name))}.");
}
