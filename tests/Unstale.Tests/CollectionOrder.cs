using Unstale.Tests;
using Unstale.Tests.Architecture;
using Unstale.Tests.Model.Mutants;
using Unstale.Tests.Support;
using Xunit;

[assembly: TestCollectionOrderer<CollectionOrder>]

namespace Unstale.Tests;

/// <summary>Classes that run for more than ten seconds.</summary>
public sealed class CollectionOrder() : LongestFirst(typeof(EngineMutationTests), typeof(MutationTests), typeof(CollectionArgumentTests));
