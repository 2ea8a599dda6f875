using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Unstale.Analyzers.Registration;

/// <summary>Uses and registrations of HybridCache in one compilation.</summary>
internal sealed class RegistrationUses(KnownTypes types)
{
    private readonly ConcurrentQueue<(string User, Location Location)> _injections = new();
    private readonly ConcurrentQueue<Location> _microsofts = new();
    private volatile bool _isRegistered;

    /// <summary>Whether the program registers Unstale, or a HybridCache of its own.</summary>
    public bool IsRegistered => _isRegistered;

    /// <summary>Places that receive a HybridCache, with the name of the receiver.</summary>
    public IEnumerable<(string User, Location Location)> Injections => _injections;

    /// <summary>Calls of AddHybridCache.</summary>
    public IEnumerable<Location> Microsofts => _microsofts;

    public void AddCall(IInvocationOperation call)
    {
        var method = call.TargetMethod;
        if (method.ContainingType.Is(types.Registration) && method.Name is "AddUnstale" or "AddKeyedUnstale")
            _isRegistered = true;
        else if (method.Name is "AddHybridCache" or "AddKeyedHybridCache" && method.ContainingNamespace.ToDisplayString() == "Microsoft.Extensions.DependencyInjection")
            _microsofts.Enqueue(call.Syntax.GetLocation());
        else if (method.TypeArguments.Any(IsHybridCache))
            AddService(call);
    }

    /// <summary>Adds a lambda that a route of a minimal API calls with services.</summary>
    public void AddLambda(IAnonymousFunctionOperation lambda)
    {
        var parent = lambda.Parent;
        while (parent is IDelegateCreationOperation or IConversionOperation or IArgumentOperation)
            parent = parent.Parent;
        if (parent is IInvocationOperation { TargetMethod.Name: var name } && name.StartsWith("Map", StringComparison.Ordinal))
            AddParameters(lambda.Symbol, $"The route of '{name}'");
    }

    /// <summary>Adds the constructors of a class, except of a HybridCache that wraps another.</summary>
    public void AddType(INamedTypeSymbol type)
    {
        if (type.TypeKind != TypeKind.Class || type.IsAbstract || type.Is(types.HybridCache))
            return;
        foreach (var constructor in type.InstanceConstructors)
            AddParameters(constructor, $"'{type.Name}'");
    }

    private void AddService(IInvocationOperation call)
    {
        var name = call.TargetMethod.Name;
        if (name is "GetRequiredService" or "GetService")
            _injections.Enqueue(($"'{name}'", call.Syntax.GetLocation()));
        else if (name.StartsWith("Add", StringComparison.Ordinal) || name.StartsWith("TryAdd", StringComparison.Ordinal))
            _isRegistered = true;
    }

    // A parameter with an attribute, such as FromKeyedServices, receives another service.
    private void AddParameters(IMethodSymbol method, string user)
    {
        foreach (var parameter in method.Parameters)
        {
            if (IsHybridCache(parameter.Type) && parameter.GetAttributes().IsEmpty && !parameter.Locations.IsEmpty)
                _injections.Enqueue((user, parameter.Locations[0]));
        }
    }

    private bool IsHybridCache(ITypeSymbol type) => SymbolEqualityComparer.Default.Equals(type, types.HybridCache);
}
