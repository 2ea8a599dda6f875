using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Unstale;
using Unstale.Boundary;
using Unstale.Hosting;
using Unstale.Rules;

namespace Microsoft.Extensions.DependencyInjection;

/// <content>Rules for changes raised through the invalidator of a cache.</content>
public static partial class UnstaleBuilderExtensions
{
    /// <summary>Adds rules, relationships and dependencies. Several calls are cumulative.</summary>
    /// <param name="builder">Builder of the cache.</param>
    /// <param name="configure">Callback that declares the rules.</param>
    public static IUnstaleBuilder AddRules(this IUnstaleBuilder builder, Action<RuleSetBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return builder.AddSource((_, _) => new CodedRules(configure));
    }

    /// <summary>
    /// Adds the rules of a section of the configuration, which must be a list. A change of the configuration replaces the rules, all or nothing: an
    /// invalid rule or an unknown key is logged, and the previous rules stay in force.
    /// </summary>
    /// <remarks>
    /// A rule has <c>Name</c>, <c>When</c>, <c>Invalidate</c>, <c>Keys</c>, <c>Glob</c>, <c>Regex</c>, <c>Operations</c>, <c>Fields</c>,
    /// <c>Strategy</c>, <c>Priority</c>, <c>ServeStaleOnce</c>, <c>Description</c>, <c>Condition</c> (a name given to <see cref="AddCondition"/>),
    /// <c>Relationships</c> (each <c>From</c>, <c>To</c>, <c>Type</c>, <c>Depth</c>, <c>Bidirectional</c>) and <c>DependsOn</c> (each <c>Key</c>,
    /// <c>On</c>). A single text can replace a list of texts. See <see cref="InvalidationRule"/>.
    /// </remarks>
    /// <param name="builder">Builder of the cache.</param>
    /// <param name="section">Section with the rules.</param>
    public static IUnstaleBuilder AddRules(this IUnstaleBuilder builder, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return builder.AddSource((services, name) => new ConfiguredRules(
            section,
            name,
            services.GetKeyedServices<RuleCondition>(name),
            GuardedLogger.For<UnstaleCache>(services)));
    }

    /// <summary>Adds a named condition for rules from the configuration. If two conditions have the same name, the last one is used.</summary>
    /// <param name="builder">Builder of the cache.</param>
    /// <param name="name">Name of the condition, case-sensitive.</param>
    /// <param name="condition">
    /// Function that returns whether a rule applies to a change, evaluated inside the call that raises the change. A condition that throws counts as
    /// true.
    /// </param>
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
