using Unstale.Tests.Loading;
using Unstale.Tests.Predicates;

namespace Unstale.Tests.Model.Mutants;

/// <content>Mistakes in predicates on rows.</content>
internal static partial class EngineMutants
{
    private const string Rule = "src/Unstale/Predicates/RowPredicate.cs";
    private const string Condition = "src/Unstale/Predicates/Term.cs";
    private const string Compared = "src/Unstale/Predicates/ComparedResidual.cs";
    private const string Residue = "src/Unstale/Predicates/Residual.cs";
    private const string Joined = "src/Unstale/Predicates/JoinedResidual.cs";
    private const string Value = "src/Unstale/Predicates/ColumnValue.cs";
    private const string Text = "src/Unstale/Predicates/RowText.cs";
    private const string Row = "src/Unstale/Predicates/RowChange.cs";
    private const string Followed = Horizon + "TablePredicates.cs";
    private const string FollowedTables = Horizon + "PredicateTable.cs";
    private const string Homes = Horizon + "HomeCells.cs";
    private const string Column = Horizon + "ColumnIndex.cs";

    private static IEnumerable<EngineMutant> Rows() =>
    [
        Model("old values are ignored", Rule, "if (!May(change.Old) && !May(change.New))", "if (!May(change.New))"),
        Model("new values are ignored", Rule, "if (!May(change.Old) && !May(change.New))", "if (!May(change.Old))"),
        Model("columns of terms are no reason", Rule, "foreach (var term in Terms)\n        {\n            if (change.MayHaveChanged(term.Column))", "foreach (var term in Terms.Take(0))\n        {\n            if (change.MayHaveChanged(term.Column))"),
        Model("affecting columns are no reason", Rule, "if (change.MayHaveChanged(Affecting[i]))", "if (false)"),
        Model("a row that satisfied the terms before and may satisfy them after is unchanged", Rule, "!Must(change.Old) || !Must(change.New)", "!Must(change.Old)"),
        Model("an unknown value satisfies no term", Condition, "? Holds(value) : Truth.Unknown", "? Holds(value) : Truth.False"),
        Model("an unknown value fails a residual", Compared, "out var other))\n            return Outcomes.Any;", "out var other))\n            return Outcomes.False;"),
        Model("of any conditions all must hold", Joined, "return isAll ? result : Negate(result);", "return result;"),
        Model("a residual that may hold holds", Rule, "residual.Judge(row) != Outcomes.True", "!residual.Judge(row).HasFlag(Outcomes.True)"),
        Model("columns of residuals are no reason", Rule, "foreach (var column in _columns)", "foreach (var column in _columns.Take(0))"),
        Model("the condition of a bulk change is that of the new rows", Rule, "(!Contradicts(change.Where) || MayAfter(change))", "MayAfter(change)"),
        Model("the new values of a bulk change are ignored", Rule, "(!Contradicts(change.Where) || MayAfter(change))", "!Contradicts(change.Where)"),
        Model("a bulk delete hits the rows that satisfy nothing", Rule, "RowOperation.BulkDelete => !Contradicts(change.Where)", "RowOperation.BulkDelete => Contradicts(change.Where)"),
        Model("null is in no set", Condition, "if (one.Equals(value))", "if (!one.IsNull && one.Equals(value))"),
        Model("a range has no lower bound", Condition, "ColumnValue.Compare(value, low) < 0", "ColumnValue.Compare(value, low) <= 0"),
        Model("a range has no upper bound", Condition, "ColumnValue.Compare(value, high) > 0", "ColumnValue.Compare(value, high) >= 0"),
        Model("the home of a predicate is looked up by the new value alone", Followed, "index.Find(column, change.Old, change.New, _find);", "index.Find(column, change.New, _find);"),
        Model("the home of a predicate is looked up by the old value alone", Column, "if (!one.Equals(two))", "if (one.Equals(two))"),
        Model("a new row without the column of a home hits nothing", Column, "            Find(value, found);\n        else\n            FindAll(found);", "            Find(value, found);"),
        Model("an updated row without the column of a home hits nothing", Column, "            FindAll(found);\n            return;\n        }\n\n        Find(one", "            return;\n        }\n\n        Find(one"),
        EngineMutant.Found<IntervalTreeTests>("a bound of a range is rounded to the nearest double",
            t => t.The_tree_finds_ranges_whose_bounds_differ_from_the_value_by_less_than_a_double_can(),
            new Patch(Value, "1.0 / (1L << 48)", "0")),
        EngineMutant.Found<NamePoolTests>("names in one place of the pool are equal",
            t => t.A_name_is_returned_unchanged_though_another_name_has_its_place(), new Patch("src/Unstale/Predicates/NamePool.cs", " && name.SequenceEqual(known)", "")),
        Model("a null is looked up among no values", Column, "            FindEqual(value, found);\n            return;", "            return;"),
        Model("a column that was not reported as changed has its old value", Text, "if (!change.MayHaveChanged(item.Key) && !change.New", "if (!change.New"),
        Model("unknown columns are unchanged", Row, "return !Contains(Unchanged, column);", "return New.TryGet(column, out _) && !Contains(Unchanged, column);"),
        Model("a column written by a bulk change has a value that was selected", Rule, "if (change.MayHaveChanged(term.Column) ? term.Holds", "if (false ? term.Holds"),
        EngineMutant.Found<PredicateHorizonTests>("a forgotten change raises the old value alone",
            t => t.A_forgotten_change_refuses_values_with_its_value_of_the_column("product update old{category_id=5} new{category_id=3} changed{category_id}", false),
            new Patch(Homes, "                Raise(change.Old, sequence);\n                Raise(change.New, sequence);", "                Raise(change.Old, sequence);")),
        EngineMutant.Found<PredicateHorizonTests>("a forgotten change raises the new value alone",
            t => t.A_forgotten_change_refuses_values_with_its_value_of_the_column("product update old{category_id=3} new{category_id=5} changed{category_id}", false),
            new Patch(Homes, "                Raise(change.Old, sequence);\n                Raise(change.New, sequence);", "                Raise(change.New, sequence);")),
        Model("a forgotten change without the column raises no cell", Homes, "            Raise(value, sequence);\n        else\n            RaiseUnknown(sequence);", "            Raise(value, sequence);"),
        EngineMutant.Found<PredicateHorizonTests>("a forgotten bulk change raises the selected values alone",
            t => t.A_forgotten_change_refuses_values_with_its_value_of_the_column("product bulk-update new{category_id=3} changed{category_id} where[category_id=5]", false),
            new Patch(Homes, "if (change.MayHaveChanged(_column))", "if (false)")),
        EngineMutant.Found<PredicateHorizonTests>("a forgotten bulk change without a condition on the column raises no cell",
            t => t.A_forgotten_change_refuses_values_with_its_value_of_the_column("product bulk-update new{price=1} changed{price} where[id=5]", false),
            new Patch(Homes, "            return;\n        }\n\n        RaiseUnknown(sequence);", "            return;\n        }")),
        EngineMutant.Found<PredicateHorizonTests>("the cells of a column begin without a floor",
            t => t.A_column_has_cells_from_the_first_predicate_on_it(),
            new Patch(Followed, "new HomeCells(term.Column, _floor)", "new HomeCells(term.Column, 0)")),
        EngineMutant.Found<PredicateHorizonTests>("forgotten values of another class are compared",
            t => t.A_forgotten_change_refuses_values_with_its_value_of_the_column("product update old{category_id=~3.0;price=50} new{price=60} changed{price}", false),
            new Patch(Homes, "if (kind != value.ComparableClass)", "if (false)")),
        EngineMutant.Found<ResidualTests>("a comparison with null is false",
            t => t.A_residual_decides_like_a_term(ResidualTests.Either, "product update old{rating=1;price=null} new{rating=1;price=1} changed{price}", true),
            new Patch(Compared, "? Outcomes.False | Outcomes.Null : Of(", "? Outcomes.False : Of(")),
        EngineMutant.Found<ResidualTests>("the negation of null holds",
            t => t.A_residual_decides_like_a_term(ResidualTests.Either, "product update old{rating=1;price=null} new{rating=1;price=1} changed{price}", true),
            new Patch(Residue, "var result = outcomes & Outcomes.Null;", "var result = outcomes.HasFlag(Outcomes.Null) ? Outcomes.True : Outcomes.None;")),
        EngineMutant.Found<ResidualTests>("values with one form are equal",
            t => t.Nulls_and_inexact_forms_are_never_less_than_the_database("product[(not ([a]=?1))]{}", "product insert new{a=1}", true),
            new Patch(Compared, "if (order == 0 && !isExact)", "if (false)")),
        EngineMutant.Found<PredicateHorizonTests>("a predicate held late is not compared with the changes before",
            t => t.A_change_during_the_load_refuses_the_value_although_its_predicates_were_not_held(),
            new Patch(Followed, "        held.Cell.Raise(NewestHit(held.Predicate));\n", string.Empty)),
        EngineMutant.Found<PredicateHorizonTests>("forgotten changes have no floor",
            t => t.More_changes_than_are_remembered_refuse_a_value_that_selects_no_value_of_a_column(),
            new Patch(Followed, "        _floor = Math.Max(_floor, sequence);\n", string.Empty)),
        EngineMutant.Found<PredicateHorizonTests>("pending changes are not compared with a predicate held later",
            t => t.A_predicate_is_pending_as_long_as_any_change_that_hits_it(),
            new Patch(Followed, "                held.Cell.AddPending(1);", "                held.Cell.AddPending(0);")),
        EngineMutant.Found<PredicateHorizonTests>("a pending change is not pending for held predicates",
            t => t.A_predicate_is_pending_as_long_as_any_change_that_hits_it(),
            new Patch(FollowedTables, "            held.Cell.AddPending(1);", "            held.Cell.AddPending(0);")),
        EngineMutant.Found<PredicateHorizonTests>("a table followed late forgets what is pending",
            t => t.A_change_that_was_pending_before_its_table_was_followed_is_found(),
            new Patch(FollowedTables, "new TablePredicates(name, floor, pendingOf(name), recentChanges)", "new TablePredicates(name, floor, [], recentChanges)")),
        EngineMutant.Found<PredicateHorizonTests>("a table followed late has no floor of its tag",
            t => t.A_tag_with_the_name_of_the_table_invalidates_every_predicate_of_the_table(),
            new Patch(FollowedTables, "if (target.Kind != TargetKind.Tag || _tables.Count == 0)", "if (true)")),
        EngineMutant.Found<PredicateHorizonTests>("a tag beside a change of its table is unknown",
            t => t.A_tag_beside_a_change_of_its_table_leaves_predicates_to_the_change(),
            new Patch(FollowedTables, "out var table) && !RowTargets.HasRowOf(record, target.Text) ?", "out var table) ?")),
        EngineMutant.Found<PredicateHorizonTests>("waiters are not compared with changes",
            t => t.Waiters_that_joined_after_the_first_change_that_hits_load_again(),
            new Patch("src/Unstale/Log/InvalidationTarget.cs", "TargetKind.Row => RowTargets.Hits(Change!, tags),", "TargetKind.Row => false,")),
        EngineMutant.Found<PredicateHorizonTests>("waiters are not compared with tags of tables",
            t => t.Waiters_that_joined_after_the_first_change_that_hits_load_again(),
            new Patch(Horizon + "RecentInvalidations.cs", " || (mark.Kind == TargetKind.Tag && RowTargets.HasPredicateOn(tags, mark.Text))", string.Empty)),
        EngineMutant.Found<PredicateHorizonTests>("the changes of another generation are remembered",
            t => t.Another_generation_forgets_the_changes_and_refuses_earlier_loads(),
            new Patch(Followed, "        Array.Clear(_recent);\n        _changes = 0;\n", string.Empty)),
        EngineMutant.Found<PredicateHorizonTests>("a released predicate remains",
            t => t.A_released_predicate_costs_nothing_and_an_entry_found_later_stays_invalid(),
            new Patch(Horizon + "TagTable.cs", "            Predicates.Remove(cell.Tag);", "            _ = cell.Tag;")),
        EngineMutant.Found<PredicateHorizonTests>("sets of replaced names are stored twice",
            t => t.A_name_that_is_no_predicate_depends_on_every_record(),
            new Patch(Horizon + "TagTable.cs", "if (isReplaced && _setsByTags.TryGetValue(names, out set))", "if (false)")),
        EngineMutant.Found<ColumnValueTests>("hashes under different keys are compared",
            t => t.Hashes_under_different_keys_are_unknown_to_each_other(),
            new Patch(Value, "Kind == other.Kind && _key == other._key);", "Kind == other.Kind);")),
        EngineMutant.Found<DependsOnTests>("equal values with other bytes are unchanged",
            t => t.Equal_values_with_other_bytes_count_as_changed("1.0", "1.00", false),
            new Patch("src/Unstale/Rules/ReportedRow.cs", "decimal.GetBits(a).AsSpan().SequenceEqual(decimal.GetBits(b))", "a == b")),
        EngineMutant.Found<DependsOnTests>("predicates above the maximum are dropped",
            t => t.More_predicates_than_64_depend_on_their_tables(),
            new Patch("src/Unstale/Loading/LoadDependencies.cs", "static one => DependencyTag.IsPredicate(one) ? TableOf(one) : one", "static one => one")),
    ];

    private static EngineMutant Model(string name, string file, string text, string replacement) =>
        EngineMutant.Found<PredicateModel>(name, static t => t.No_value_is_valid_after_a_write_that_changes_its_result(), new Patch(file, text, replacement));
}
