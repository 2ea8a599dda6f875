using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Shop.Http;

/// <summary>Descriptions of endpoints for the OpenAPI document.</summary>
internal static class Describing
{
    public static RouteHandlerBuilder ReadsProduct(this RouteHandlerBuilder endpoint, string strategy, string summary) =>
        endpoint.WithTags(strategy).WithSummary(summary).Produces<ProductAnswer>().RefusesId();

    public static RouteHandlerBuilder ReadsList(this RouteHandlerBuilder endpoint, string strategy, string summary) =>
        endpoint.WithTags(strategy).WithSummary(summary).Produces<ProductAnswer[]>();

    public static RouteHandlerBuilder Writes(this RouteHandlerBuilder endpoint, string strategy, string summary, Type? answer = null) =>
        endpoint.WithTags(strategy).WithSummary(summary)
            .Produces(StatusCodes.Status200OK, answer ?? typeof(MessageAnswer)).RefusesId();

    public static RouteHandlerBuilder TakesBody(this RouteHandlerBuilder endpoint) =>
        endpoint.ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);

    /// <summary>Describes prices as numbers: a type with its own converter has no schema otherwise.</summary>
    public static Task NumbersAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        if (type == typeof(decimal) || type == typeof(decimal?))
        {
            schema.Type = type == typeof(decimal) ? JsonSchemaType.Number : JsonSchemaType.Number | JsonSchemaType.Null;
            schema.Format = "double";
            if (context.JsonPropertyInfo?.AttributeProvider?.GetCustomAttributes(typeof(RangeAttribute), inherit: false) is [RangeAttribute range])
            {
                schema.Minimum = Convert.ToString(range.Minimum, CultureInfo.InvariantCulture);
                schema.Maximum = Convert.ToString(range.Maximum, CultureInfo.InvariantCulture);
            }
        }

        return Task.CompletedTask;
    }

    private static RouteHandlerBuilder RefusesId(this RouteHandlerBuilder endpoint) =>
        endpoint.ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
}
