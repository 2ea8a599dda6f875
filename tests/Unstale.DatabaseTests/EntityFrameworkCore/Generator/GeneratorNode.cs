using Unstale.DatabaseTests.EntityFrameworkCore.Reads;

namespace Unstale.DatabaseTests.EntityFrameworkCore.Generator;

/// <summary>One node of a shop.</summary>
/// <param name="Cache">Cache of the node.</param>
/// <param name="Open">Creates a context that records for the cache.</param>
internal sealed record GeneratorNode(UnstaleCache Cache, Func<ShopContext> Open);
