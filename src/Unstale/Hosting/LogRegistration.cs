namespace Unstale.Hosting;

/// <summary>Call of <c>AddInvalidationLog</c>.</summary>
/// <param name="Name">Name of the log.</param>
internal sealed record LogRegistration(string Name);
