using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Unstale;
using Unstale.Boundary;
using Unstale.Hosting;
using Unstale.Rules;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Says what follows from changes that are raised through a cache's invalidator.</summary>
/// <remarks>
/// Rules are applied where a change is raised, and what goes into the log is their result: other nodes, and other caches of the log, obey it
/// whatever rules they have. The rules of a cache are those of its own <see cref="IInvalidator"/>; <see cref="InvalidationRules"/> is a service
/// with the cache's name as its key, and without one for the default cache. Rules that do not hold together are an error when the host starts.
/// </remarks>
public static class RulesUnstaleBuilderExtensions
{
    /// <summary>Adds rules, relationships and dependencies. They may be added in several calls.</summary>
    /// <param name="builder">The cache.</param>
    /// <param name="configure">Says them.</param>
    public static IUnstaleBuilder AddRules(this IUnstaleBuilder builder, Action<RuleSetBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return builder.AddSource((_, _) => new CodedRules(configure));
    }

    /// <summary>
    /// Adds the rules of a section of the configuration, a list. When the configuration changes they are replaced, all or nothing: if anything in
    /// it is wrong, or a key is unknown, that is logged and the rules before it stay in force.
    /// </summary>
    /// <remarks>
    /// A rule has <c>Name</c>, <c>When</c>, <c>Invalidate</c>, <c>Keys</c>, <c>Glob</c>, <c>Regex</c>, <c>Operations</c>, <c>Fields</c>,
    /// <c>Strategy</c>, <c>Priority</c>, <c>ServeStaleOnce</c>, <c>Description</c>, <c>Condition</c> (a name given to <see cref="AddCondition"/>),
    /// <c>Relationships</c> (each <c>From</c>, <c>To</c>, <c>Type</c>, <c>Depth</c>, <c>Bidirectional</c>) and <c>DependsOn</c> (each <c>Key</c>,
    /// <c>On</c>). Where several texts may stand, one may stand alone. See <see cref="InvalidationRule"/>.
    /// </remarks>
    /// <param name="builder">The cache.</param>
    /// <param name="section">The section.</param>
    public static IUnstaleBuilder AddRules(this IUnstaleBuilder builder, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return builder.AddSource((services, name) => new ConfiguredRules(
            section,
            name,
            services.GetKeyedServices<RuleCondition>(name),
            GuardedLogger.For<UnstaleCache>(services)));
    }

    /// <summary>Names a condition, for rules from configuration. Of two of one name the one added last is meant.</summary>
    /// <param name="builder">The cache.</param>
    /// <param name="name">The name, exact.</param>
    /// <param name="condition">Whether a rule is about a change. It runs within the call that raises the change. One that throws counts as true.</param>
    public static IUnstaleBuilder AddCondition(this IUnstaleBuilder builder, string name, Func<Change, bool> condition)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(condition);
        builder.Services.AddKeyedSingleton(builder.Name, new RuleCondition(name, condition));
        return builder;
    }

    /// <summary>Adds six rules for common names: users, forms, sessions, products with prices and calculations, widgets, jobs.</summary>
    public static IUnstaleBuilder AddDefaultRules(this IUnstaleBuilder builder) => builder.AddRules(static rules => rules.AddDefaults());

    private static IUnstaleBuilder AddSource(this IUnstaleBuilder builder, Func<IServiceProvider, string, RuleSource> create)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddKeyedSingleton(builder.Name, (services, name) => create(services, (string)name!));
        return builder;
    }
}
