using System.Linq.Expressions;

namespace Unstale.Tests.Model.Mutants;

/// <summary>A planted mistake in the engine, and the test that must fail because of it.</summary>
/// <param name="name">Description of the mistake.</param>
/// <param name="test">Call of the test.</param>
/// <param name="patches">Texts of the sources and their replacements.</param>
internal sealed class EngineMutant(string name, LambdaExpression test, params IReadOnlyList<Patch> patches)
{
    private readonly MethodCallExpression _call = (MethodCallExpression)test.Body;

    /// <summary>True if the test fails by the limit of a wait.</summary>
    public bool IsWaitedFor { get; private init; }

    public IReadOnlyList<Patch> Patches => patches;

    public Type TestClass => _call.Object!.Type;

    public string TestMethod => _call.Method.Name;

    public object?[] Arguments => [.. _call.Arguments.Select(argument => Expression.Lambda(argument).Compile().DynamicInvoke())];

    /// <param name="name">Description of the mistake.</param>
    /// <param name="test">Call of the test.</param>
    /// <param name="patches">Texts of the sources and their replacements.</param>
    public static EngineMutant Found<TTest>(string name, Expression<Action<TTest>> test, params IReadOnlyList<Patch> patches) => new(name, test, patches);

    /// <inheritdoc cref="Found{TTest}(string, Expression{Action{TTest}}, IReadOnlyList{Patch})"/>
    public static EngineMutant Found<TTest>(string name, Expression<Func<TTest, Task>> test, params IReadOnlyList<Patch> patches) => new(name, test, patches);

    /// <summary>A mistake that leaves its test waiting until the limit of a wait ends.</summary>
    /// <param name="name">Description of the mistake.</param>
    /// <param name="test">Call of the test.</param>
    /// <param name="patches">Texts of the sources and their replacements.</param>
    public static EngineMutant Hangs<TTest>(string name, Expression<Func<TTest, Task>> test, params IReadOnlyList<Patch> patches) =>
        new(name, test, patches) { IsWaitedFor = true };

    public override string ToString() => name;
}
