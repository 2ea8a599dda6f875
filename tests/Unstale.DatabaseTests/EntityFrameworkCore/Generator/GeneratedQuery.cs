using Unstale.DatabaseTests.EntityFrameworkCore.Reads;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>Query with fixed parameters.</summary>
/// <param name="Class">Class by which invalidations are counted.</param>
/// <param name="Text">Description, for a failure.</param>
/// <param name="RunAsync">Runs the query and returns its result as a text.</param>
internal sealed record GeneratedQuery(string Class, string Text, Func<ShopContext, Task<string>> RunAsync);
